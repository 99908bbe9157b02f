namespace FjBellows.Sandbox.Forge;

/// <summary>Which waiting job Forgejo hands out next, and which it holds back.</summary>
internal static class ForgeQueueOrder
{
    /// <summary>The priority of a run that somebody put first by hand.</summary>
    public const int ByHand = 127;

    /// <summary>The job that is handed out first: of the highest priority where the release knows one, then the one that waits
    /// longest.</summary>
    public static JobRow? First(IEnumerable<JobRow> jobs, ForgeRelease release, Func<long, int> priority) =>
        jobs.MinBy(j => (release == ForgeRelease.Forgejo15 ? 0 : -priority(j.RunId), j.QueuedAt, j.Id));

    /// <summary>True while another run of the same group runs, or an older one is not done. Jobs of one run do not hold each other
    /// back.</summary>
    public static bool IsHeldBack(JobRow job, IEnumerable<JobRow> open) => job.ConcurrencyGroup is { } group && !job.CancelInProgress
        && open.Any(j => j.RepositoryId == job.RepositoryId && j.ConcurrencyGroup == group && j.RunId != job.RunId
            && (j.Status == ForgeJobStatus.Running || j.RunId < job.RunId));
}
