using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>What the checks have found, and a number for everything that happened.</summary>
internal sealed class Findings(VirtualClock clock)
{
    private readonly List<Violation> _violations = [];

    /// <summary>Broken rules, in the order of their finding.</summary>
    public IReadOnlyList<Violation> Violations => _violations;

    /// <summary>A number that two equal runs share.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    public void Violate(string rule, string what) => _violations.Add(new Violation(rule, clock.Elapsed, what));

    public void Trace(string what)
    {
        Mix((ulong)clock.Elapsed.Ticks);
        foreach (var c in what)
        {
            Mix(c);
        }
    }

    private void Mix(ulong value) => TraceHash = (TraceHash ^ value) * 1099511628211;
}
