namespace FjBellows.Simulation.Tests;

/// <summary>Something that must not be.</summary>
/// <param name="Rule">The invariant, as invariants are called.</param>
/// <param name="At">When it was seen.</param>
/// <param name="What">What was seen.</param>
internal sealed record Violation(string Rule, TimeSpan At, string What)
{
    public override string ToString() => $"{Rule} at {At:d\\.hh\\:mm\\:ss\\.fff}: {What}";
}
