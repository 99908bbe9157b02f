namespace FjBellows.Workers.Life;

/// <summary>The query whether a runner process lives, before a deletion (invariant W10).</summary>
/// <param name="Since">Since when the worker is asked.</param>
internal sealed record ProcessQuery(TimeSpan Since);
