namespace FjBellows.Setup;

/// <summary>How often the outside world is asked.</summary>
public sealed record PollSettings
{
    /// <summary>Poll interval of a quiet queue.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Poll interval while jobs arrive.</summary>
    public TimeSpan BusyInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after the last observed job the queue counts as busy.</summary>
    public TimeSpan BusyFor { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Between two listings of the registrations while workers are busy; four times as long otherwise.</summary>
    public TimeSpan Runners { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two queries for the own registration of a busy worker, by id (invariant J9).</summary>
    public TimeSpan OwnRunner { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Between two listings of the instances while there are workers; four times as long otherwise.</summary>
    public TimeSpan Instances { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest a single request may take (invariant R1).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
