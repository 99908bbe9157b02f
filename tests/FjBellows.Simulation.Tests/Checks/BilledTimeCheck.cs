using FjBellows.Billing;
using FjBellows.Sandbox.Virtual;
using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <summary>Time that is billed for nothing: idle workers end at their deadline and not before it (invariants B1, B2, B4, R6), and workers
/// that never become ready are given up (invariant W5).</summary>
internal sealed class BilledTimeCheck(Scene scene) : ICheck
{
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(3);
    private readonly HashSet<VirtualMachine> _overdue = [];

    public void MachineDeleting(VirtualMachine machine)
    {
        if (scene.World.Ownership.Owns(machine.Instance))
        {
            CheckIdle(machine);
        }
    }

    /// <summary>A worker that never was ready is gone soon after its time to boot.</summary>
    public void Minute()
    {
        var timeouts = scene.World.Settings.Timeouts;
        var now = scene.World.Clock.Now;
        foreach (var machine in scene.World.Ours())
        {
            var due = machine.MadeAt + timeouts.Boot + timeouts.CreateLookup + Grace;
            if (now > due && scene.Dispatches.ReadyAt(machine.Instance.Name) is null && !scene.Excuses.Has(machine)
                && !scene.Conditions.WasHindered(machine.MadeAt, now, Conditions.Settled) && _overdue.Add(machine))
            {
                scene.Findings.Violate(
                    "W5", $"{machine.Instance.Name} exists since {machine.MadeAt:HH:mm:ss}, was never ready, and is still there");
            }
        }
    }

    public void Written(string id, object payload)
    {
        if (payload is WorkerProtocol.DrainStarted drain && Wording.IsAtTeardownDeadline(drain)
            && scene.World.Cloud.Alive.FirstOrDefault(m => m.Instance.Name == Dispatches.WorkerOf(id)) is { } machine)
        {
            var at = scene.World.Clock.Now;
            var mark = TeardownPolicy.PeriodEnd(scene.World.Cloud.Billing, machine.MadeAt, at) - scene.World.Settings.Teardown.HourMargin;
            if (at < mark - TimeSpan.FromSeconds(30))
            {
                scene.Findings.Violate(
                    "R6", $"{machine.Instance.Name} was drained for its paid time's end at {at:HH:mm:ss}, {mark - at} before its mark");
            }
        }
    }

    /// <summary>A worker idle at its mark is gone before the next paid step, or soon after its time-out.</summary>
    private void CheckIdle(VirtualMachine machine)
    {
        var name = machine.Instance.Name;
        if (scene.Dispatches.ReadyAt(name) is not { } ready || scene.Dispatches.EndedAt(name) is not { } ended
            || (scene.Dispatches.DispatchedAt(name) is { } dispatched && dispatched >= ended)
            || machine.Processes.Values.Any(p => p.Alive))
        {
            return;
        }

        var idle = machine.Processes.Values.Select(p => p.EndedAt ?? ready).Append(ended).Append(ready).Max();
        var billing = scene.World.Cloud.Billing;
        var teardown = scene.World.Settings.Teardown;
        DateTimeOffset due;
        if (billing.IsLeased)
        {
            due = TeardownPolicy.PeriodEnd(billing, machine.MadeAt, idle);
            due += idle > due - teardown.HourMargin ? billing.Granularity : TimeSpan.Zero;
        }
        else
        {
            var paid = machine.MadeAt + billing.MinimumDuration;
            due = (paid > idle + teardown.IdleTimeout ? paid : idle + teardown.IdleTimeout) + TimeSpan.FromMinutes(1);
        }

        if (scene.Dispatches.RenewedUntil(name) is { } renewed && renewed + TimeSpan.FromMinutes(1) > due)
        {
            due = renewed + TimeSpan.FromMinutes(1);
        }

        var mark = due - teardown.HourMargin - TimeSpan.FromMinutes(1);
        if (scene.World.Clock.Now > due && !scene.Conditions.WasHindered(mark, due, Grace))
        {
            scene.Findings.Violate(
                "B2", $"{name} was idle since {idle:HH:mm:ss}, was to be gone by {due:HH:mm:ss}, and was deleted at " +
                    $"{scene.World.Clock.Now:HH:mm:ss} though nothing stood in the way");
        }
    }
}
