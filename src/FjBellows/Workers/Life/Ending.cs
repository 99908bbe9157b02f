namespace FjBellows.Workers.Life;

/// <summary>How a process is being ended (invariants J7, J8, J9, J12).</summary>
/// <param name="Detail">Why, for people.</param>
/// <param name="Since">Since when.</param>
/// <param name="Grace">From SIGTERM to SIGKILL.</param>
/// <param name="NextAt">When the next signal is due.</param>
internal sealed record Ending(OutcomeCause Cause, string Detail, TimeSpan Since, TimeSpan Grace, TimeSpan NextAt)
{
    /// <summary>True once the worker confirmed SIGTERM.</summary>
    public bool TermDelivered { get; init; }

    /// <summary>SIGKILLs that the worker confirmed.</summary>
    public int Kills { get; init; }
}
