namespace FjBellows.Forgejo;

/// <summary>A task of the past: one run of one job, as <c>GET /repos/{owner}/{repo}/actions/tasks</c> lists it.</summary>
/// <param name="Id">The task's id.</param>
/// <param name="Name">The job's name.</param>
/// <param name="Status">How it ended, in Forgejo's word.</param>
/// <param name="StartedAt">When a runner took it; Forgejo does not tell how long the job had waited before.</param>
/// <param name="EndedAt">When it was last heard of: its end, once it has ended.</param>
public sealed record PastTask(long Id, string Name, string Status, DateTimeOffset StartedAt, DateTimeOffset EndedAt)
{
    /// <summary>True when it ran to an end of its own.</summary>
    public bool RanToItsEnd => Status is "success" or "failure" && EndedAt > StartedAt;
}
