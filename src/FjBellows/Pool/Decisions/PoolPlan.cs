using System.Collections.Immutable;
using FjBellows.Jobs;

namespace FjBellows.Pool;

/// <summary>One job for one worker.</summary>
/// <param name="Job">The job.</param>
/// <param name="Worker">The worker.</param>
internal sealed record PlannedDispatch(KnownJob Job, KnownWorker Worker);

/// <summary>One worker to provision.</summary>
/// <param name="Job">A job without a worker; null when it is provisioned for the reserve.</param>
/// <param name="Reason">Why.</param>
internal sealed record PlannedProvision(QueuedJob? Job, ProvisionReason Reason);

/// <summary>A job that goes on waiting.</summary>
/// <param name="Job">The job.</param>
/// <param name="Reason">Why.</param>
internal sealed record PlannedWait(KnownJob Job, WaitReason Reason);

/// <summary>What to do now.</summary>
/// <param name="Dispatches">Jobs to dispatch, oldest first.</param>
/// <param name="Provisions">Workers to provision.</param>
/// <param name="Waits">Jobs that go on waiting, oldest first.</param>
/// <param name="WakeAt">When another plan is wanted though nothing happens until then; null when never.</param>
/// <param name="Kept">Idle workers of the reserve.</param>
internal sealed record PoolPlan(
    IReadOnlyList<PlannedDispatch> Dispatches,
    IReadOnlyList<PlannedProvision> Provisions,
    IReadOnlyList<PlannedWait> Waits,
    DateTimeOffset? WakeAt,
    ImmutableHashSet<string> Kept)
{
    /// <summary>Nothing to do.</summary>
    public static PoolPlan Nothing { get; } = new([], [], [], null, []);
}
