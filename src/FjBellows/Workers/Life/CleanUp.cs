namespace FjBellows.Workers.Life;

/// <summary>The removal of what a dispatch left.</summary>
/// <param name="Failures">Failures so far (invariant W16).</param>
/// <param name="NextAt">When it is tried again; null while it is under way or waits for the connection.</param>
internal sealed record CleanUp(int Failures, TimeSpan? NextAt);
