namespace FjBellows.Daemon.Control.Api;

/// <summary>What <c>fj-bellows status --json</c> prints: two answers in one.</summary>
/// <param name="Health">The answer of <c>/api/v1/health</c>.</param>
/// <param name="Pools">The answer of <c>/api/v1/pools</c>.</param>
public sealed record StatusInfo(HealthInfo Health, IReadOnlyList<PoolInfo> Pools);
