using FjBellows.Sandbox.Forge;

namespace FjBellows.Simulation.Tests;

/// <summary>Nothing is stuck: a launch fails in time (invariant W16), a dispatch whose process is over ends (J12), and jobs do not wait for
/// hours because one record cannot be kept (R9). A daemon that is down, or whose journal fails, is given time.</summary>
internal sealed class ProgressCheck(Scene scene) : ICheck
{
    private static readonly TimeSpan LaunchLimit = TimeSpan.FromMinutes(8);
    private static readonly TimeSpan EndLimit = TimeSpan.FromMinutes(25);
    private static readonly TimeSpan WaitLimit = TimeSpan.FromMinutes(45);

    private readonly HashSet<string> _found = new(StringComparer.Ordinal);
    private DateTimeOffset _disturbed;

    public void Minute()
    {
        var world = scene.World;
        var now = world.Clock.Now;
        if (scene.Conditions.IsDown || world.Active<JournalFails>().Any() || world.Active<JournalUnreadable>().Any()
            || world.Active<JournalSlow>().Any()
            || world.Active<HistoryFails>().Any() || world.Active<ForgejoSlow>().Any())
        {
            _disturbed = now;
            return;
        }

        foreach (var (worker, dispatch, at) in scene.Dispatches.Open)
        {
            var since = at > _disturbed ? at : _disturbed;
            // A machine that was lost since then did start it.
            var machine = world.Cloud.Machines.LastOrDefault(m => m.Instance.Name == worker);
            var process = machine?.Processes.GetValueOrDefault(dispatch);
            if (process is null && now - since > LaunchLimit && _found.Add(dispatch))
            {
                scene.Findings.Violate("W16", $"{dispatch} was assigned at {at:HH:mm:ss} and has neither started nor failed");
            }
            else if (process?.EndedAt is { } ended && now - (ended > since ? ended : since) > EndLimit && _found.Add(dispatch))
            {
                scene.Findings.Violate("J12", $"the process of {dispatch} ended at {ended:HH:mm:ss}, and the dispatch has not ended since");
            }
        }

        if (world.Active<HistoryRefusesText>().Any() && !scene.Dispatches.Open.Any() && world.Settings.Max > 0
            && world.Forge.State.OpenJobs(ForgeScope.Admin)
                .FirstOrDefault(j => j.Status == ForgeJobStatus.Waiting && RestCheck.CanRun(world, j)) is { QueuedAt: { } queued } job
            && now - (queued > _disturbed ? queued : _disturbed) > WaitLimit && _found.Add(job.Handle))
        {
            scene.Findings.Violate("R9", $"job {job.Id} waits since {queued:HH:mm:ss} although only a record that cannot be kept is wrong");
        }
    }
}
