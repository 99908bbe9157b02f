using FjBellows.Time;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>Moments of the wall clock that turn out to be others: the clock was set for good, or the cloud's was measured (invariants B7,
/// B8).</summary>
internal static class Correcting
{
    /// <summary>A smaller difference changes nothing: clocks are adjusted, and clouds tell whole seconds.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    /// <summary>The wall clock was set: what is journaled must be reckoned by the new one after a restart, and the pool plans by
    /// it.</summary>
    /// <param name="by">By how much forward.</param>
    /// <param name="at">Now, by the clock that was set.</param>
    public static Step ClockWasSet(Worker w, TimeSpan by, Moment at)
    {
        if (at.JournalFails || w.Phase is null or WorkerPhase.Removed)
        {
            return Step.Of(w);
        }

        // A creation time that was never compared with ours is by the cloud's clock, which was not set.
        var created = at.CloudIsMeasured ? w.State.CreatedAt.Moved(by) : w.State.CreatedAt;
        var step = Correct(w with { KeepUntil = w.KeepUntil.Moved(by) }, created, w.State.RenewedUntil.Moved(by), at);
        return (w.State.Current is null ? step : step.Then(next => Overdue.Age(next, at))).Report(at);
    }

    /// <summary>The cloud listed the instance: its creation time is the better known one once the cloud's clock was measured.</summary>
    /// <param name="createdAt">The creation time, by our clock.</param>
    public static Step Listed(Worker w, DateTimeOffset createdAt, Moment at) =>
        at.CloudIsMeasured && !at.JournalFails && w.State.CreatedAt is { } known && (createdAt - known).Duration() > Tolerance
            ? Correct(w, createdAt, w.State.RenewedUntil.Moved(createdAt - known), at).Report(at)
            : Step.Of(w);

    private static Step Correct(Worker w, DateTimeOffset? createdAt, DateTimeOffset? renewedUntil, Moment at) =>
        w.State.InstanceId is null
            ? Step.Of(w)
            : Step.Of(w).Record(at, new MomentsCorrected(at.Now, createdAt, w.IdleSince(at), renewedUntil));
}
