using FjBellows.Dispatch;

namespace FjBellows.Workers.Life;

/// <summary>How the instance of a worker comes to be known (invariants W2, W3).</summary>
internal abstract record Creation
{
    private Creation()
    {
    }

    /// <summary>Nothing is under way.</summary>
    internal sealed record None : Creation;

    /// <summary>Its first-boot document is being made.</summary>
    /// <param name="Why">Why it is provisioned.</param>
    internal sealed record Seeding(string Why) : Creation;

    /// <summary>The create call is under way: only its own answer counts.</summary>
    internal sealed record Calling : Creation;

    /// <summary>Whether the create call took effect is not known; the instance is looked for by name.</summary>
    /// <param name="Since">Since when.</param>
    /// <param name="Misses">Listings without it.</param>
    /// <param name="NextAt">When it is looked for again; null while a listing is under way.</param>
    internal sealed record Finding(TimeSpan Since, int Misses, TimeSpan? NextAt) : Creation;

    /// <summary>It must end before it was created.</summary>
    /// <param name="Before">What was under way.</param>
    /// <param name="Reason">Why.</param>
    internal sealed record Unwanted(Creation Before, string Reason) : Creation;
}

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

    /// <summary>True when the mechanism itself proves that the worker is not there.</summary>
    public bool ProvenGone { get; init; }

    /// <summary>The last error or answer.</summary>
    public string Detail { get; init; } = "not reached yet";

    /// <summary>When the cloud is asked for the missing addresses; null when they are known or being asked for.</summary>
    public TimeSpan? AskAddressAt { get; init; }
}

/// <summary>What is known of the current dispatch beside its journaled assignment.</summary>
internal sealed record JobRun
{
    /// <summary>What is to be launched; null before the registration and after the start. It holds the token and is never journaled.</summary>
    public JobLaunch? Launch { get; init; }

    /// <summary>True once a launch may have reached the worker.</summary>
    public bool LaunchSent { get; init; }

    /// <summary>When a launch that failed is repeated.</summary>
    public TimeSpan? LaunchAt { get; init; }

    /// <summary>What Forgejo says of its registration.</summary>
    public RunnerEvidence Runner { get; init; } = new();

    /// <summary>When the runner last said that it was given no task, by its log; null when it has not.</summary>
    public TimeSpan? PollAnsweredAt { get; init; }

    /// <summary>True when the runner's last word is that its poll failed: Forgejo may have assigned the job all the same (invariant J17).</summary>
    public bool PollFailed { get; init; }

    /// <summary>How its process is being ended; null while it is not.</summary>
    public Ending? Ending { get; init; }

    /// <summary>How its process ended, while Forgejo is asked what that means (invariant J11); null before.</summary>
    public JobExit? Exit { get; init; }

    /// <summary>When its process ended.</summary>
    public TimeSpan ExitedAt { get; init; }

    /// <summary>When the worker is asked next whether the process lives, beside the follow (invariant J12).</summary>
    public TimeSpan InspectAt { get; init; }

    /// <summary>Inspections in a row that found the process ended though the follow had not.</summary>
    public int FoundEnded { get; init; }
}

/// <summary>Forgejo's word on a dispatch's registration.</summary>
internal sealed record RunnerEvidence
{
    /// <summary>True once it was seen active: a task ran.</summary>
    public bool Active { get; init; }

    /// <summary>When the request left that first found it gone; null while it exists.</summary>
    public TimeSpan? GoneSince { get; init; }

    /// <summary>Answers in a row that show the job waiting, or over, and the runner never active.</summary>
    public int Unassigned { get; init; }

    /// <summary>When it is asked for next; null while a request is under way.</summary>
    public TimeSpan? NextAt { get; init; }

    /// <summary>Requests that failed in a row.</summary>
    public int Failures { get; init; }
}

/// <summary>How a process is being ended (invariants J7, J8, J9, J12).</summary>
/// <param name="Cause">Why.</param>
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

/// <summary>The removal of what a dispatch left.</summary>
/// <param name="Failures">Failures so far (invariant W16).</param>
/// <param name="NextAt">When it is tried again; null while it is under way or waits for the connection.</param>
internal sealed record CleanUp(int Failures, TimeSpan? NextAt);

/// <summary>The question whether a runner process lives, before a deletion (invariant W10).</summary>
/// <param name="Since">Since when it is asked.</param>
internal sealed record Proof(TimeSpan Since);

/// <summary>A process that the journal does not know.</summary>
/// <param name="Dispatch">Its dispatch.</param>
/// <param name="Kills">SIGKILLs that the worker confirmed.</param>
/// <param name="NextAt">When the next SIGKILL is due; null while its time runs.</param>
/// <param name="InspectAt">When the worker is asked next whether it lives.</param>
internal sealed record Stray(DispatchId Dispatch, int Kills, TimeSpan? NextAt, TimeSpan InspectAt);

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
