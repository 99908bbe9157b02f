namespace FjBellows.Simulation.Tests;

/// <summary>What the product of today does not stand: the faults that are left out of random histories until it does, and the rules that are
/// counted and do not fail a history. Whoever mends one takes its line away. FJB_SIMULATION_PENDING=1 turns everything on.</summary>
internal static class PendingFaults
{
    private static readonly bool TurnedOn = Environment.GetEnvironmentVariable("FJB_SIMULATION_PENDING") == "1";

    /// <summary>Kinds of events, with the invariants that they break.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["TunnelOnly"] = "J13, J7",
    };

    /// <summary>Rules that faults of every kind break.</summary>
    public static IReadOnlyDictionary<string, string> Rules { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["R3"] = "each change of a worker puts off the next look at the registrations",
        ["W18"] = "failed dispatches, workers that never become ready and held jobs make workers without end",
    };

    /// <summary>True for a kind that is left out.</summary>
    public static bool Has(string kind) => !TurnedOn && Kinds.ContainsKey(kind);

    /// <summary>True for a rule that is only counted.</summary>
    public static bool HasRule(string rule) => !TurnedOn && Rules.ContainsKey(rule);

    /// <summary>Both lists, for the end of a run.</summary>
    public static string Describe() => TurnedOn
        ? "pending: nothing, everything is turned on"
        : $"pending faults, left out: {string.Join(", ", Kinds.Select(k => $"{k.Key} ({k.Value})"))}\n" +
          $"pending rules, only counted: {string.Join(", ", Rules.Select(r => $"{r.Key} ({r.Value})"))}";
}
