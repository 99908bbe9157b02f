namespace FjBellows.Workers.Life;

/// <summary>What speaks for the instance's absence (invariants W11, W12).</summary>
internal sealed record Absences
{
    /// <summary>Complete listings without it, in a row.</summary>
    public int Listings { get; init; }

    /// <summary>The phase's begin at which they were counted.</summary>
    public DateTimeOffset InPhase { get; init; }

    /// <summary>True while the cloud is asked by id.</summary>
    public bool Asked { get; init; }
}
