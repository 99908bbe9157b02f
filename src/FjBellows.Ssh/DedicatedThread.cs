namespace FjBellows.Ssh;

/// <summary>Runs what blocks on a thread of its own. SSH.NET blocks its caller while it opens channels, reads and closes; on the pool's
/// threads that starves everything else in the process.</summary>
internal static class DedicatedThread
{
    public static Task<T> Run<T>(Func<T> work) => (Task<T>)Seen(
        Task.Factory.StartNew(
            work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default));

    public static Task Run(Action work) => Seen(
        Task.Factory.StartNew(
            work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default));

    /// <summary>Marks a failure as seen, so that work which its waiter has given up does not end as an unobserved exception.</summary>
    public static Task Seen(Task task)
    {
        _ = task.ContinueWith(
            static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return task;
    }
}
