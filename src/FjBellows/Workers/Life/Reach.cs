namespace FjBellows.Workers.Life;

/// <summary>Whether a worker is reached, as its session last reported.</summary>
internal sealed record Reach
{
    /// <summary>True while a connection with the pinned key is open.</summary>
    public bool Linked { get; init; }

    /// <summary>True while that connection has proven the worker ready for a job.</summary>
    public bool Proven { get; init; }

    /// <summary>Since when it is not <see cref="Linked"/>; null while it is.</summary>
    public TimeSpan? UnlinkedSince { get; init; } = TimeSpan.Zero;

    /// <summary>Since when it is not usable for what the worker does; null while it is.</summary>
    public TimeSpan? UnusableSince { get; init; } = TimeSpan.Zero;

    /// <summary>Since when it is usable; null while it is not.</summary>
    public TimeSpan? UsableSince { get; init; }

    /// <summary>True when the way to the worker itself proves that it does not exist, such as an engine that has no such
    /// container.</summary>
    public bool ProvenGone { get; init; }

    /// <summary>The last error or answer.</summary>
    public string Detail { get; init; } = "not reached yet";

    /// <summary>When the cloud is asked for the missing addresses; null when they are known or being asked for.</summary>
    public TimeSpan? AskAddressAt { get; init; }
}
