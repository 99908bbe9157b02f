using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>No job is told to end that nobody cancelled and that has time left (invariant J8); no process outlives its job for long (J9),
/// or its hard end at all (J12).</summary>
internal sealed class SignalCheck(Scene scene) : ICheck
{
    private static readonly TimeSpan HardEndGrace = TimeSpan.FromMinutes(20);
    private readonly HashSet<VirtualProcess> _overdue = [];

    public void ProcessSignalled(VirtualMachine machine, VirtualProcess process)
    {
        var limit = scene.World.Settings.Timeouts.MaxJobRuntime;
        // A link that freezes at the wrong moment has the process start long after its dispatch, from which its time counts.
        var dispatched = scene.Dispatches.DispatchedAt(machine.Instance.Name) ?? process.StartedAt;
        var ran = scene.World.Clock.Now - (dispatched < process.StartedAt ? dispatched : process.StartedAt);
        if (process is { Alive: true, JobId: not null, DoneAt: null } && scene.Dispatches.IsRunning(process) && !scene.Excuses.Has(machine)
            && (limit == TimeSpan.Zero || ran < limit - TimeSpan.FromMinutes(3)))
        {
            scene.Findings.Violate(
                "J8", $"{process.Launch.Dispatch} was told to end after {ran} although nobody had cancelled its job {process.JobId}");
        }
        else
        {
            scene.Excuses.Process(process);
        }
    }

    public void Minute()
    {
        if (!scene.Conditions.IsCalm)
        {
            return;
        }

        var limit = scene.World.Settings.Timeouts.MaxJobRuntime;
        var now = scene.World.Clock.Now;
        foreach (var (machine, process) in scene.World.Ours().SelectMany(m => m.Processes.Values.Where(p => p.Alive).Select(p => (m, p))))
        {
            if (scene.Excuses.Has(machine) || _overdue.Contains(process))
            {
                continue;
            }

            var task = process.JobId is { } id
                ? scene.World.Forge.State.Job(id).Tasks.LastOrDefault(t => t.Runner == process.Launch.Dispatch.Value)
                : null;
            if (task?.StoppedAt is { } stopped && now - stopped > Conditions.Settled && !process.IgnoresKill)
            {
                _overdue.Add(process);
                scene.Findings.Violate(
                    "J9", $"{process.Launch.Dispatch} lives on {Conditions.Settled} after its job {process.JobId} was stopped");
            }
            else if (process.IgnoresKill
                && ((limit > TimeSpan.Zero && now - process.StartedAt > limit + HardEndGrace)
                || (task?.StoppedAt is { } over && now - over > HardEndGrace)))
            {
                _overdue.Add(process);
                scene.Findings.Violate(
                    "J12", $"{process.Launch.Dispatch} survives every signal since its end was due, and its instance is still there");
            }
        }
    }
}
