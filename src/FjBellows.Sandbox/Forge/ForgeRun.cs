namespace FjBellows.Sandbox.Forge;

/// <summary>One run of a workflow.</summary>
/// <param name="Id">Its id, as the API has it.</param>
/// <param name="Number">Its number within the repository, as web pages have it.</param>
/// <param name="Repository">Its repository as <c>owner/name</c>.</param>
/// <param name="Workflow">The workflow's file name.</param>
/// <param name="Title">What it is listed under.</param>
/// <param name="Event">What began it, such as <c>push</c>.</param>
/// <param name="Priority">0, or 127 where somebody put it first.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="UpdatedAt">When it last changed.</param>
/// <param name="Jobs">Its jobs, oldest first.</param>
public sealed record ForgeRun(
    long Id,
    long Number,
    string Repository,
    string Workflow,
    string Title,
    string Event,
    int Priority,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    IReadOnlyList<ForgeJob> Jobs)
{
    /// <summary>What its jobs make of it.</summary>
    public ForgeJobStatus Status
    {
        get
        {
            bool Any(ForgeJobStatus status) => Jobs.Any(j => j.Status == status);
            return Jobs.All(j => j.IsDone)
                ? Any(ForgeJobStatus.Cancelled) ? ForgeJobStatus.Cancelled
                    : Any(ForgeJobStatus.Failure) ? ForgeJobStatus.Failure
                    : Any(ForgeJobStatus.Success) ? ForgeJobStatus.Success
                    : ForgeJobStatus.Skipped
                : Jobs.Any(j => j.TaskId != 0) ? ForgeJobStatus.Running
                : Any(ForgeJobStatus.Waiting) ? ForgeJobStatus.Waiting
                : ForgeJobStatus.Blocked;
        }
    }

    /// <summary>When its first task began; null before.</summary>
    public DateTimeOffset? StartedAt => Jobs.SelectMany(j => j.Tasks).Min(t => (DateTimeOffset?)t.StartedAt);

    /// <summary>When it ended; null before.</summary>
    public DateTimeOffset? StoppedAt => Jobs.All(j => j.IsDone) ? UpdatedAt : null;
}
