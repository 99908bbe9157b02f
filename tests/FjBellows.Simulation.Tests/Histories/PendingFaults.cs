namespace FjBellows.Simulation.Tests;

/// <summary>What the product of today does not stand: the faults that are left out of random histories until it does, and the rules that
/// are counted and do not fail a history. Whoever mends one takes its line away. FJB_SIMULATION_PENDING=1 turns everything on.</summary>
internal static class PendingFaults
{
    private static readonly bool TurnedOn = Environment.GetEnvironmentVariable("FJB_SIMULATION_PENDING") == "1";

    /// <summary>Kinds of events, with the invariants that they break.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["ClockSet"] = "B2, J5, R6: what was recorded by the clock before it was set is compared with the time after it",
        ["HostSuspended"] = "R6: timers that were set before the clock was followed fire late by the time slept",
    };

    /// <summary>Rules that faults of every kind break.</summary>
    public static IReadOnlyDictionary<string, string> Rules { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["W18"] = "a create that fails and takes effect minutes later is counted only once its instance is seen",
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
