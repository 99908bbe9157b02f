using FjBellows.Pool;

namespace FjBellows.Daemon.Control.Api;

/// <summary><c>GET /api/v1/health</c>: how the daemon is, and how fresh what it knows is.</summary>
/// <param name="Status"><c>ok</c>; <c>starting</c> until every pool has read its journal and seen its queue; <c>degraded</c> when a pool
/// does not answer or a source is stale.</param>
/// <param name="Version">The program's version.</param>
/// <param name="StartedAt">When the control plane started.</param>
/// <param name="At">The present.</param>
/// <param name="UptimeSeconds">Seconds since the start.</param>
/// <param name="WritesEnabled">True when <c>-enable-control-writes</c> was given.</param>
/// <param name="TokenNeeded">Who must show the token: <c>all</c>, <c>writes</c> or <c>none</c>.</param>
/// <param name="Pools">Each pool.</param>
public sealed record HealthInfo(
    string Status,
    string Version,
    DateTimeOffset StartedAt,
    DateTimeOffset At,
    double UptimeSeconds,
    bool WritesEnabled,
    string TokenNeeded,
    IReadOnlyList<PoolHealth> Pools);

/// <summary>How one pool is.</summary>
/// <param name="Status">As in <see cref="HealthInfo"/>.</param>
/// <param name="Why">What is wrong, as a sentence; null when nothing is.</param>
/// <param name="Sources">What it lives by; empty while the pool does not answer.</param>
public sealed record PoolHealth(string Pool, string Status, string? Why, IReadOnlyList<SourceInfo> Sources);

/// <summary>How fresh one source is.</summary>
/// <param name="LastSuccessAt">When its last good answer was asked for; null when there was none.</param>
/// <param name="AgeSeconds">Seconds since then.</param>
/// <param name="StaleAfterSeconds">From which age on it counts as stale; null where it never does.</param>
/// <param name="Stale">True when it is too old to be trusted.</param>
/// <param name="Error">The failure since the last good answer; null when there was none.</param>
public sealed record SourceInfo(
    PoolSource Source, DateTimeOffset? LastSuccessAt, double? AgeSeconds, double? StaleAfterSeconds, bool Stale, string? Error);
