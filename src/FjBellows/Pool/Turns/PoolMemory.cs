namespace FjBellows.Pool;

/// <summary>What outlives turns beside <see cref="Known"/>.</summary>
/// <param name="StartedAt">When this actor began.</param>
/// <param name="Learned">How long jobs and boots take.</param>
internal sealed record PoolMemory(DateTimeOffset StartedAt, DurationEstimator Learned);
