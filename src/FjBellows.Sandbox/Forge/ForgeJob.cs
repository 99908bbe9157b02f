namespace FjBellows.Sandbox.Forge;

/// <summary>Where a job of the stand-in stands; the words are Forgejo's.</summary>
public enum ForgeJobStatus
{
    /// <summary>Its <c>needs</c> are not done yet; not listed.</summary>
    Blocked,

    /// <summary>Listed, free to be fetched unless its concurrency group is taken.</summary>
    Waiting,

    /// <summary>A runner has it.</summary>
    Running,

    /// <summary>Its runner reported success.</summary>
    Success,

    /// <summary>Its runner reported failure, or fell silent for too long.</summary>
    Failure,

    /// <summary>A person stopped it.</summary>
    Cancelled,

    /// <summary>A job it needs did not succeed.</summary>
    Skipped,
}

/// <summary>One job of the stand-in with everything that ever happened to it.</summary>
/// <param name="Id">Job id, ascending, stable over reruns.</param>
/// <param name="RunId">The workflow run it belongs to.</param>
/// <param name="Attempt">The current attempt, from 1.</param>
/// <param name="Handle">The current attempt's handle.</param>
/// <param name="Repository">Its repository as <c>owner/name</c>.</param>
/// <param name="Name">Its name as listed.</param>
/// <param name="Key">Its key under <c>jobs:</c> in the workflow.</param>
/// <param name="Needs">Keys of the jobs it waits for.</param>
/// <param name="RunsOn">The labels it asks for.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="QueuedAt">When the current attempt became waiting; null while it is blocked or was skipped.</param>
/// <param name="TaskId">The task of the current attempt; 0 until a runner took it.</param>
/// <param name="Tasks">Every task ever made of it, oldest first: more than one for one attempt would be a job that ran twice.</param>
public sealed record ForgeJob(
    long Id,
    long RunId,
    long Attempt,
    string Handle,
    string Repository,
    string Name,
    string Key,
    IReadOnlyList<string> Needs,
    IReadOnlyList<string> RunsOn,
    ForgeJobStatus Status,
    DateTimeOffset? QueuedAt,
    long TaskId,
    IReadOnlyList<ForgeTask> Tasks)
{
    /// <summary>How often the current attempt was handed to a runner: 1 once it ran, never more.</summary>
    public int Starts => Tasks.Count(t => t.Attempt == Attempt);

    /// <summary>The task of the current attempt, null until one exists.</summary>
    public ForgeTask? Current => Tasks.LastOrDefault(t => t.Attempt == Attempt);

    /// <summary>The repository's id.</summary>
    public long RepositoryId { get; init; }

    /// <summary>The id of the repository's owner.</summary>
    public long OwnerId { get; init; }

    /// <summary>True when nothing more will happen to the current attempt.</summary>
    public bool IsDone => Status is not (ForgeJobStatus.Blocked or ForgeJobStatus.Waiting or ForgeJobStatus.Running);
}

/// <summary>One run of one attempt on one runner.</summary>
/// <param name="Id">Task id.</param>
/// <param name="Attempt">The attempt it ran.</param>
/// <param name="Runner">The name of the runner that took it.</param>
/// <param name="QueuedAt">When the attempt became waiting.</param>
/// <param name="StartedAt">When the runner fetched it.</param>
/// <param name="StoppedAt">When its result came; null while it runs.</param>
/// <param name="Result">Running until it ends.</param>
/// <param name="Log">The log rows received so far.</param>
public sealed record ForgeTask(
    long Id,
    long Attempt,
    string Runner,
    DateTimeOffset QueuedAt,
    DateTimeOffset StartedAt,
    DateTimeOffset? StoppedAt,
    ForgeJobStatus Result,
    IReadOnlyList<string> Log)
{
    /// <summary>How long the attempt waited for this runner.</summary>
    public TimeSpan Wait => StartedAt - QueuedAt;
}

/// <summary>A runner row of the stand-in.</summary>
/// <param name="Id">Forgejo's id.</param>
/// <param name="Uuid">What the runner names itself by.</param>
/// <param name="OwnerId">The owner whose jobs it may run; 0 for all.</param>
/// <param name="RepositoryId">The only repository whose jobs it may run; 0 for all.</param>
/// <param name="Name">Its name; not unique.</param>
/// <param name="Status"><c>offline</c>, <c>idle</c> or <c>active</c>.</param>
/// <param name="Version">What Declare said; empty before.</param>
/// <param name="Labels">What Declare said; null before.</param>
/// <param name="Description">A sentence given at registration.</param>
/// <param name="Ephemeral">True when it may run one task only.</param>
public sealed record ForgeRunner(
    long Id,
    string Uuid,
    long OwnerId,
    long RepositoryId,
    string Name,
    string Status,
    string Version,
    IReadOnlyList<string>? Labels,
    string Description,
    bool Ephemeral);

/// <summary>A fresh registration; the token is told this once.</summary>
/// <param name="Id">Forgejo's id.</param>
/// <param name="Uuid">What the runner names itself by.</param>
/// <param name="Token">The runner's token, 40 hexadecimal digits.</param>
public sealed record ForgeCredentials(long Id, string Uuid, Secret Token);

/// <summary>Something that happened in the stand-in.</summary>
/// <param name="Job">The job it happened to, as it stands now; null for events of a runner.</param>
/// <param name="Runner">The name of the runner involved, null when there is none.</param>
public sealed record ForgeEvent(DateTimeOffset At, ForgeEventKind Kind, ForgeJob? Job, string? Runner);

/// <summary>What a <see cref="ForgeEvent"/> tells.</summary>
public enum ForgeEventKind
{
    /// <summary>A job became waiting.</summary>
    JobQueued,

    /// <summary>A runner fetched a job.</summary>
    JobStarted,

    /// <summary>A job ended: succeeded, failed, was cancelled or skipped.</summary>
    JobEnded,

    /// <summary>A runner was registered.</summary>
    RunnerRegistered,

    /// <summary>A runner row was deleted: by its owner, by its last report, or by a cancel.</summary>
    RunnerDeleted,
}
