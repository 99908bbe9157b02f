namespace FjBellows.Ssh;

/// <summary>Runs what blocks on a thread of its own. SSH.NET blocks its caller while it opens channels, reads and closes; on the pool's
/// threads that starves everything else in the process (SSH.NET issues of this kind showed as seconds of delay on two cores).</summary>
internal static class DedicatedThread
{
    public static Task<T> Run<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    public static Task Run(Action work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Lets work run that nobody waits for; how it ends does not matter.</summary>
    public static void Forget(Action work) =>
        _ = Run(work).ContinueWith(static t => _ = t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
