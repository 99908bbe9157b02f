namespace FjBellows.Simulation.Tests;

/// <summary>What the product of today does not stand: the faults that are left out of random histories until it does, and the rules that
/// are counted and do not fail a history. Whoever mends one takes its line away. FJB_SIMULATION_PENDING=1 turns everything on.</summary>
internal static class PendingFaults
{
    private static readonly bool TurnedOn = Environment.GetEnvironmentVariable("FJB_SIMULATION_PENDING") == "1";

    /// <summary>Kinds of events, with the invariants that they break.</summary>
    public static IReadOnlyDictionary<string, string> Kinds { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["ClockSet"] = "B7, B8: what was measured by the clock before it was set is compared with the time after it",
        ["CloudClockWrong"] = "B8: the cloud's time of creation is compared with the daemon's clock as it is",
        ["HostSuspended"] = "B7: timers that were set before the clock was followed fire late by the time slept",
        ["JournalRestored"] = "J10: an older journal gives the names of dispatches again",
        ["TunnelOnly"] = "J13, W10: results are lost after 51 s, and runners without a tunnel count as idle",
    };

    /// <summary>Rules that faults of every kind break.</summary>
    public static IReadOnlyDictionary<string, string> Rules { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
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
