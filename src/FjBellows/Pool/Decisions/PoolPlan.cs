using System.Collections.Immutable;

namespace FjBellows.Pool;

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
