using FjBellows.Dispatch;

namespace FjBellows.Workers.Life;

/// <summary>What is known of the current dispatch beside its journaled assignment.</summary>
internal sealed record JobRun
{
    /// <summary>What is to be launched; null before the registration and after the start. It holds the token and is never
    /// journaled.</summary>
    public JobLaunch? Launch { get; init; }

    /// <summary>True once a launch may have reached the worker.</summary>
    public bool LaunchSent { get; init; }

    /// <summary>When a launch that failed is repeated.</summary>
    public TimeSpan? LaunchAt { get; init; }

    /// <summary>What Forgejo says of its registration.</summary>
    public RunnerEvidence Runner { get; init; } = new();

    /// <summary>When the runner last said that it was given no task, by its log; null when it has not.</summary>
    public TimeSpan? PollAnsweredAt { get; init; }

    /// <summary>True when the runner last logged that its poll failed: Forgejo may have assigned the job all the same (invariant
    /// J17).</summary>
    public bool PollFailed { get; init; }

    /// <summary>True once the runner said that it has a task.</summary>
    public bool TaskFetched { get; init; }

    /// <summary>True when the runner has, or had, a task as Forgejo or its own log says. It counts for the bound on cost and decides
    /// nothing else.</summary>
    public bool HadTask => TaskFetched || Runner.Active || Runner.GoneSince is not null;

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
