using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>What the pool remembers beside <see cref="Known"/>, and loses with its process.</summary>
/// <param name="StartedAt">When this actor began.</param>
/// <param name="Learned">How long jobs and boots take.</param>
/// <param name="Followed">How far the clock had followed the wall clock by the last turn.</param>
internal sealed record PoolMemory(DateTimeOffset StartedAt, DurationEstimator Learned, TimeSpan Followed)
{
    /// <summary>The same once the clock was set.</summary>
    /// <param name="followed">How far it has followed by now.</param>
    public PoolMemory Moved(TimeSpan followed) =>
        this with { StartedAt = StartedAt.Moved(followed - Followed), Followed = followed };
}
