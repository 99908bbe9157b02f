namespace FjBellows.Simulation.Tests;

/// <summary>Which faults histories may have.</summary>
/// <param name="Allows">True for an event that may stand in a history.</param>
internal sealed record FaultSet(Func<HistoryEvent, bool> Allows)
{
    /// <summary>Everything.</summary>
    public static FaultSet All { get; } = new(_ => true);
}
