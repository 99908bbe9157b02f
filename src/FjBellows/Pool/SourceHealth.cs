namespace FjBellows.Pool;

/// <summary>How fresh a source is (invariant R3).</summary>
/// <param name="LastSuccess">When its last good answer was asked for; null when there was none.</param>
/// <param name="Error">The failure since then, null when the last answer was good.</param>
/// <param name="StaleAfter">From which age on it counts as stale.</param>
public sealed record SourceHealth(PoolSource Source, DateTimeOffset? LastSuccess, string? Error, TimeSpan StaleAfter)
{
    /// <summary>True when the last successful answer is too old to be trusted.</summary>
    public bool IsStale(DateTimeOffset now) => LastSuccess is not { } at || now - at > StaleAfter;
}
