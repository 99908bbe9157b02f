namespace FjBellows.Sandbox.Forge;

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
