using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Which machines nothing reaches, and for how long.</summary>
internal sealed class Reachability(SimulatedWorld world)
{
    private readonly Dictionary<HistoryEvent, VirtualMachine[]> _frozen = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<VirtualMachine, DateTimeOffset> _frozenSince = [];
    private readonly Dictionary<HistoryEvent, VirtualMachine> _unready = new(ReferenceEqualityComparer.Instance);

    public void Freeze(VirtualMachine machine, HistoryEvent by)
    {
        if (!machine.Unreachable)
        {
            var since = _frozenSince[machine] = world.Clock.Now;

            // One freeze is never that long, several in a row may be: what is then lost is lost by rule (poll's patience with a busy link).
            world.Clock.Schedule(world.Settings.Timeouts.BusyConnectionLoss - TimeSpan.FromMinutes(1), () =>
            {
                if (machine.Unreachable && _frozenSince[machine] == since)
                {
                    world.Oracle.Excuses.Machine(machine, "it was out of reach for longer than a busy worker may be");
                }
            });
        }

        machine.Unreachable = true;
        _frozen[by] = [.. _frozen.GetValueOrDefault(by) ?? [], machine];
        // Keepalives notice a silent peer after 30 s (invariant S3).
        world.Clock.Schedule(TimeSpan.FromSeconds(30), () =>
        {
            if (machine.Unreachable)
            {
                machine.BreakLinks();
            }
        });
    }

    public void Thaw(HistoryEvent by)
    {
        _frozen.Remove(by, out var machines);
        foreach (var machine in machines ?? [])
        {
            machine.Unreachable = _frozen.Values.Any(f => f.Contains(machine));
            if (!machine.Unreachable)
            {
                world.Oracle.Excuses.Reachable(machine);
            }
        }
    }

    /// <summary>Makes a machine unready for as long as an event lasts; with none, the one that the event made so is ready again.</summary>
    public void Unready(HistoryEvent by, VirtualMachine? machine)
    {
        if (_unready.Remove(by, out var before))
        {
            before.Unready = null;
        }

        if (machine is not null)
        {
            _unready[by] = machine;
            machine.Unready = "its engine does not answer";
        }
    }
}
