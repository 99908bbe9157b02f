using FjBellows.Jobs;
using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>Everything the pool knows of one attempt of a job.</summary>
/// <param name="Job">Its row as last listed.</param>
/// <param name="FirstSeen">When it was first seen waiting.</param>
/// <param name="Listed">True when the last listing held it.</param>
internal sealed record KnownJob(QueuedJob Job, DateTimeOffset FirstSeen, bool Listed)
{
    /// <summary>What earlier dispatches of it mean.</summary>
    public JobBackoff Backoff { get; init; } = JobBackoff.None;

    /// <summary>The code of the reason for waiting that was last reported.</summary>
    public string? Told { get; init; }

    /// <summary>Its key.</summary>
    public JobKey Key => Job.Key;

    /// <summary>With the row of a new listing.</summary>
    /// <param name="requestedAt">When the listing was requested.</param>
    public KnownJob With(QueuedJob row, DateTimeOffset requestedAt, DateTimeOffset now)
    {
        var changed = !IsSame(Job, row);
        return Listed && !changed ? this : this with
        {
            Job = changed ? row : Job,
            FirstSeen = Listed ? FirstSeen : now,
            Listed = true,
            Backoff = changed && Listed ? Backoff.Free(requestedAt) : Backoff,
        };
    }

    /// <summary>The same once the clock was set.</summary>
    /// <param name="by">By how much forward.</param>
    public KnownJob Moved(TimeSpan by) => this with { FirstSeen = FirstSeen.Moved(by), Backoff = Backoff.Moved(by) };

    private static bool IsSame(QueuedJob a, QueuedJob b) =>
        a.Status == b.Status && a.TaskId == b.TaskId && a.Name == b.Name && a.RepoId == b.RepoId && a.Repo == b.Repo
            && a.RunsOn.SequenceEqual(b.RunsOn, StringComparer.Ordinal);
}
