using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>Outcomes are reported until the pool has recorded them, also across restarts (invariant J10).</summary>
internal static class Reporting
{
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(1);

    /// <summary>When an outcome is reported again; null when every outcome is recorded.</summary>
    public static TimeSpan? RepeatAt(Worker w) => w.Unrecorded is null ? null : w.RepeatAt;

    /// <summary>Tells the outcome that is not recorded yet.</summary>
    public static Step Ended(Worker w, Moment at, bool recovered = false) => w.Unrecorded is { } ended
        ? Step.Of(w with { RepeatAt = at.Elapsed + RepeatEvery })
            .Do(new Effect.Tell(new DispatchEnded(ended.Of(at.Settings.Name, w.Name)) { Recovered = recovered }))
        : Step.Of(w);
}
