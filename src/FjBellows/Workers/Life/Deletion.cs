namespace FjBellows.Workers.Life;

/// <summary>The deletion of the instance (invariant W7).</summary>
internal sealed record Deletion
{
    /// <summary>True while a call is under way: at most one is.</summary>
    public bool InFlight { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>When it is tried again.</summary>
    public TimeSpan? NextAt { get; init; }

    /// <summary>True while the journal is being forgotten.</summary>
    public bool Purging { get; init; }

    /// <summary>When a failed purge of the journal is tried again.</summary>
    public TimeSpan? PurgeAt { get; init; }
}
