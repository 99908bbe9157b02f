namespace FjBellows.Dispatch;

/// <summary>What is often asked of a session, in fewer words.</summary>
public static class WorkerSessionExtensions
{
    /// <summary>Waits for the end of a dispatch's process and hears its log from the first line.</summary>
    /// <param name="line">Takes the runner's output line by line.</param>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <returns>How it ended.</returns>
    public static Task<JobExit> FollowAsync(
        this IWorkerSession session, DispatchId dispatch, Action<string> line, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        return session.FollowAsync(dispatch, new RunnerLog(line), cancellationToken);
    }
}
