namespace FjBellows.Workers.Life;

/// <summary>The evidence that an instance is gone (invariants W11, W12).</summary>
internal sealed record Absences
{
    /// <summary>Complete listings without it, in a row.</summary>
    public int Listings { get; init; }

    /// <summary>When the phase began in which they were counted: a later phase starts from none.</summary>
    public DateTimeOffset InPhase { get; init; }

    /// <summary>True while the cloud is asked by id.</summary>
    public bool Asked { get; init; }
}
