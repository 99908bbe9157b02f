namespace FjBellows.Workers.Life;

/// <summary>The question whether a runner process lives, before a deletion (invariant W10).</summary>
/// <param name="Since">Since when it is asked.</param>
internal sealed record Proof(TimeSpan Since);
