using FjBellows.Dispatch;
using FjBellows.Pool;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Each start of a process: for a job that has none (J1, J5), not again at once where there is no task (J7), on a worker that is
/// free and clean (W8, W13), over a connection with its pin (S1).</summary>
internal sealed class DispatchCheck(Scene scene) : ICheck
{
    public void ProcessStarted(VirtualMachine machine, VirtualProcess process)
    {
        var earlier = scene.Dispatches.Of(process.Launch.Handle);
        foreach (var (where, before) in earlier.Where(e => !scene.Excuses.Has(e.Machine) && !scene.Excuses.Has(e.Process)))
        {
            if (before.Alive)
            {
                scene.Findings.Violate(
                    "J5", $"{process.Launch.Dispatch} was started for a job that {before.Launch.Dispatch} on {where.Instance.Name} " +
                        $"still works at");
            }
            else if (before.JobId is not null)
            {
                scene.Findings.Violate("J5", $"{process.Launch.Dispatch} was started for a job that {before.Launch.Dispatch} had run");
            }
        }

        if (machine.Processes.Values.FirstOrDefault(p => p.Alive && p != process) is { } other)
        {
            scene.Findings.Violate(
                other.ForgedExit is null ? "W8" : "J11",
                $"{process.Launch.Dispatch} was started on a worker that still runs {other.Launch.Dispatch}");
        }

        if (machine.Processes.Values.FirstOrDefault(p => !p.Alive && !p.Cleaned && !scene.Excuses.Has(p)) is { } dirty)
        {
            scene.Findings.Violate("W13", $"{process.Launch.Dispatch} was started beside what {dirty.Launch.Dispatch} left");
        }

        if (earlier
            .Count(e => e.Process is { JobId: null, ExitCode: 0 or 2 }
                && scene.World.Clock.Now - e.Process.StartedAt < TimeSpan.FromSeconds(30)) >= 8)
        {
            scene.Findings.Violate(
                "J7", $"{process.Launch.Dispatch} is the ninth dispatch within 30 s of a job for which there is no task");
        }
    }

    /// <summary>Every connection to a worker that was bought carries its pin.</summary>
    public void Dialling(WorkerEndpoint endpoint)
    {
        if (endpoint.HostKey is null)
        {
            scene.Findings.Violate("S1", $"{endpoint.Worker} is dialled without the key it was born with");
        }
    }

    public void Told(PoolNotice notice, string worker)
    {
        if (notice is { Kind: NoticeKind.JobDispatched, JobId: { } id } && scene.Conditions.IsCalm
            && scene.World.Forge.State.Job(id) is { Status: ForgeJobStatus.Running, Current: { } task }
            && !task.Runner.StartsWith(worker, StringComparison.Ordinal) && scene.World.Clock.Now - task.StartedAt > Conditions.Settled)
        {
            scene.Findings.Violate("J1", $"job {id} is given to {worker}, and has run on {task.Runner} since {task.StartedAt:HH:mm:ss}");
        }
    }
}
