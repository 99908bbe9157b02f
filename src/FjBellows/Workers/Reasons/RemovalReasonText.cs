using FjBellows.Time;

namespace FjBellows.Workers.Reasons;

/// <summary>Renders every <see cref="RemovalReason"/> for people.</summary>
internal static class RemovalReasonText
{
    /// <summary>The reason as one sentence without its full stop.</summary>
    public static string Of(RemovalReason reason) => reason switch
    {
        RemovalReason.TeardownDeadline r => $"idle at {r.At:HH:mm:ss 'UTC'}, {Durations.Text(r.Margin)} before its billing period ends",
        RemovalReason.IdleTimeout r => $"idle for {Durations.Text(r.After)} (poll.idle_timeout)",
        RemovalReason.InsideMargin r =>
            $"its job ended after its teardown deadline ({r.Deadline:HH:mm:ss 'UTC'}), too close to the end of its billing period",
        RemovalReason.BootTimedOut r => $"not ready within {Durations.Text(r.Limit)} (poll.boot_timeout): {r.Detail}",
        RemovalReason.BootstrapFailed r => $"its bootstrap failed: {r.Detail}",
        RemovalReason.HostKeyMismatch r =>
            $"host key mismatch (expected the key pinned for this worker); no credentials were sent: {r.Detail}",
        RemovalReason.SingleUse => "its runner was started once (worker.reuse: single)",
        RemovalReason.CleanUpFailed r => $"what a job left on it could not be removed: {r.Detail}",
        RemovalReason.ConnectionLost r => $"unreachable, or not ready, for {Durations.Text(r.For)}: {r.Detail}",
        RemovalReason.InstanceMissing => "the cloud no longer has its instance: absent from two listings and from a query by id",
        RemovalReason.HardEnd r => $"{r.Dispatch} could not be ended: {r.Detail}",
        RemovalReason.StrayProcess r => $"a runner process ({r.Dispatch}) that the journal does not know lives on it",
        RemovalReason.DrainedByOperator r => $"drained by {r.By}",
        RemovalReason.RequestedByOperator r => $"deleted by {r.By}",
        RemovalReason.PoolDrained => "the daemon is being stopped",
        RemovalReason.Orphaned r =>
            $"orphaned instance (our tags, not in the journal), seen in {r.Listings} listings since {r.Since:HH:mm:ss 'UTC'}",
        RemovalReason.RepeatedFailures r => $"{r.Failures} dispatches in a row failed on it for reasons of its own",
        RemovalReason.PoolRemoved r => $"its pool is gone: {r.Detail}",
        RemovalReason.LowDisk r => $"too little free disk for another job: {r.Detail}",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason.Code, "a reason without a text"),
    };
}
