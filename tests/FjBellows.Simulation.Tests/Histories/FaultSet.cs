namespace FjBellows.Simulation.Tests;

/// <summary>Which faults histories may have.</summary>
/// <param name="Allows">True for an event that may stand in a history.</param>
internal sealed record FaultSet(Func<HistoryEvent, bool> Allows)
{
    /// <summary>Everything.</summary>
    public static FaultSet All { get; } = new(_ => true);

    /// <summary>Everything but what the product of today does not stand (<see cref="PendingFaults"/>).</summary>
    public static FaultSet Held { get; } = new(e => !PendingFaults.Has(e.Kind));

    /// <summary>What the product stands, and one more.</summary>
    /// <param name="kind">The kind of the one more.</param>
    public static FaultSet HeldAnd(string kind) => new(e => !PendingFaults.Has(e.Kind) || e.Kind == kind);
}
