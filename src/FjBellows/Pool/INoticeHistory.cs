namespace FjBellows.Pool;

/// <summary>Beside <see cref="IPoolHistory"/>, where what was decided and why is remembered too. <see cref="IPoolHistory.PruneAsync"/>
/// forgets it.</summary>
public interface INoticeHistory
{
    /// <summary>Keeps notices, all of them or none.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    Task AppendAsync(IReadOnlyList<PoolNotice> notices, CancellationToken cancellationToken);

    /// <summary>The notices about a worker or a job, oldest first.</summary>
    /// <param name="worker">The worker; null for any.</param>
    /// <param name="jobId">The job; null for any.</param>
    /// <param name="limit">The most to return; the newest are kept.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<IReadOnlyList<PoolNotice>> NoticesAsync(string? worker, long? jobId, int limit, CancellationToken cancellationToken);
}
