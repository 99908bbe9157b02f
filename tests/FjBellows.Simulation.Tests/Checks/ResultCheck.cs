using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Forgejo knows the truth about each job: one that passed has passed (J13, W14), one that was assigned has started (J7), one
/// to which nothing was done has not failed (J), and none was started twice (J5).</summary>
internal sealed class ResultCheck(Scene scene) : ICheck
{
    private static readonly TimeSpan ForgejoWaits = TimeSpan.FromMinutes(10);
    private readonly Dictionary<VirtualProcess, DateTimeOffset> _couldReport = [];
    private readonly HashSet<VirtualProcess> _cutOff = [];

    /// <summary>A runner that could not report for ten minutes through no fault of the pool is given up by Forgejo: that is
    /// excused.</summary>
    public void Minute()
    {
        var now = scene.World.Clock.Now;
        foreach (var (machine, process) in scene.Dispatches.All.Where(d => d.Process.JobId is not null && !_cutOff.Contains(d.Process)))
        {
            if (scene.Dispatches.IsRunning(process))
            {
                if (CouldReach(machine))
                {
                    _couldReport[process] = now;
                }
                else if (now - Later(process.LastHeardAt, _couldReport.GetValueOrDefault(process)) > ForgejoWaits - TimeSpan.FromMinutes(1))
                {
                    _cutOff.Add(process);
                }
            }
        }
    }

    public void End(bool quiet)
    {
        foreach (var job in scene.World.Forge.State.Jobs().Where(j => RestCheck.CanRun(scene.World, j)))
        {
            if (job.Starts > 1)
            {
                scene.Findings.Violate("J5", $"job {job.Id} was started {job.Starts} times");
            }

            if (job.Status is not (ForgeJobStatus.Success or ForgeJobStatus.Skipped) && job.IsDone
                && !scene.Excuses.Has(job.Id, job.Attempt))
            {
                JudgeFailed(job);
            }
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private void JudgeFailed(ForgeJob job)
    {
        var ran = scene.Dispatches.Of(job.Handle);
        var limit = scene.World.Settings.Timeouts.MaxJobRuntime;
        if (ran.Any(r => scene.Excuses.Has(r.Machine) || _cutOff.Contains(r.Process)
            || (scene.Excuses.Has(r.Process) && r.Process.Result is null)
            || (r.Process.Result is null && limit > TimeSpan.Zero
            && r.Process.EndedAt - r.Process.StartedAt >= limit - TimeSpan.FromMinutes(3))))
        {
            return;
        }

        var what = string.Join(", ", ran.Select(r => $"{r.Process.Launch.Dispatch} exit {r.Process.ExitCode}"));
        if (ran.FirstOrDefault(r => r.Process.Result == ForgeJobStatus.Success).Process is { } passed)
        {
            scene.Findings.Violate(
                "J13", $"job {job.Id} passed on {passed.Launch.Dispatch} and is shown as {job.Status}: its result was not delivered");
        }
        else if (ran.FirstOrDefault(r => r.Process.LostFetch).Process is { } stranded)
        {
            scene.Findings.Violate(
                "J7", $"job {job.Id} was assigned to {stranded.Launch.Dispatch}, which never heard of it, and is shown as {job.Status}");
        }
        else
        {
            scene.Findings.Violate("J", $"job {job.Id} ended as {job.Status} though nothing was done to it: {what}");
        }
    }

    private bool CouldReach(VirtualMachine machine) => !scene.World.Forge.IsAway && machine.GoneAt is null
        && (scene.World.Connector.Reach == RunnerReach.Direct
        || (scene.Conditions.CanReachWorkers && !scene.Excuses.IsOutOfReach(machine) && !machine.WrongHostKey));
}
