namespace FjBellows.Daemon.Control.Api;

/// <summary>Where a job stands, as the pools see it.</summary>
public enum JobState
{
    /// <summary>It waits for a worker.</summary>
    Waiting,

    /// <summary>A worker has it.</summary>
    Running,

    /// <summary>A dispatch of it ended.</summary>
    Ended,
}

/// <summary><c>GET /api/v1/jobs</c>: the jobs that the pools know.</summary>
/// <param name="Waiting">Those that wait, oldest first.</param>
/// <param name="Running">Those that run, oldest first.</param>
/// <param name="Recent">Dispatches that ended, newest first. A job that came to nothing may be here and wait too.</param>
public sealed record JobsInfo(IReadOnlyList<JobInfo> Waiting, IReadOnlyList<JobInfo> Running, IReadOnlyList<JobInfo> Recent);

/// <summary>One job.</summary>
public sealed record JobInfo
{
    /// <summary>The pool.</summary>
    public required string Pool { get; init; }

    /// <summary>Forgejo's id of the job.</summary>
    public required long Id { get; init; }

    /// <summary>Which attempt of it.</summary>
    public long Attempt { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Forgejo's id of its repository.</summary>
    public long RepoId { get; init; }

    /// <summary>Its repository as <c>owner/name</c>; null where Forgejo gave its id only.</summary>
    public string? Repo { get; init; }

    /// <summary>The labels that it asks for.</summary>
    public IReadOnlyList<string> RunsOn { get; init; } = [];

    /// <summary>Where it stands.</summary>
    public required JobState State { get; init; }

    /// <summary>Why it waits, what it does, or how it ended: a sentence.</summary>
    public string Why { get; init; } = "";

    /// <summary>The same as a code in snake_case; null where there is none.</summary>
    public string? WhyCode { get; init; }

    /// <summary>When it was first seen waiting; null where that is not known.</summary>
    public DateTimeOffset? FirstSeenAt { get; init; }

    /// <summary>When it was given to a worker.</summary>
    public DateTimeOffset? AssignedAt { get; init; }

    /// <summary>When its process ran.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When its end was seen.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The worker that has or had it.</summary>
    public string? Worker { get; init; }

    /// <summary>The dispatch; the runner's name in Forgejo.</summary>
    public string? Dispatch { get; init; }

    /// <summary>True when it went to a worker that was ready before.</summary>
    public bool? Warm { get; init; }

    /// <summary>How the dispatch ended.</summary>
    public OutcomeKind? Outcome { get; init; }

    /// <summary>The runner's exit code.</summary>
    public int? ExitCode { get; init; }

    /// <summary>For how long it waits, in seconds; null for a job that no longer waits.</summary>
    public double? WaitedSeconds { get; init; }

    /// <summary>For how long it has run, in seconds; null before it started.</summary>
    public double? RanSeconds { get; init; }
}
