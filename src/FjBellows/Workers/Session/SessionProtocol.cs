using FjBellows.Dispatch;

namespace FjBellows.Workers.Session;

/// <summary>What passes between a worker and the actor that holds its connection.</summary>
internal static class SessionProtocol
{
    internal interface ISessionCommand;

    internal interface ISessionReport : WorkerProtocol.IWorkerInput;

    /// <summary>Check that the worker can take a job; answered by <see cref="Ready"/> or <see cref="NotReady"/>, or not at all while there
    /// is no connection.</summary>
    internal sealed record CheckReady : ISessionCommand
    {
        public static readonly CheckReady Instance = new();
    }

    /// <summary>Start a dispatch's process and follow it. Only for a worker that is proven ready and has nothing to clean up.</summary>
    internal sealed record Launch(JobLaunch Job, long JobId) : ISessionCommand;

    /// <summary>Follow a dispatch that an earlier session started.</summary>
    internal sealed record Follow(DispatchId Dispatch, long? JobId) : ISessionCommand;

    /// <summary>Remove what a dispatch left; answered by <see cref="Cleaned"/> or <see cref="CleanUpFailed"/>.</summary>
    internal sealed record CleanUp(DispatchId Dispatch) : ISessionCommand;

    /// <summary>Signal a dispatch's process; answered by <see cref="Signalled"/> or <see cref="CommandFailed"/>.</summary>
    internal sealed record Signal(DispatchId Dispatch, RunnerSignal What) : ISessionCommand;

    /// <summary>End the wait of a dispatch's runner for a task, between two of its polls; answered by <see cref="WaitEnded"/> or
    /// <see cref="CommandFailed"/>.</summary>
    internal sealed record EndWait(DispatchId Dispatch) : ISessionCommand;

    /// <summary>Ask the worker which runner processes live; answered by <see cref="Inspected"/> or <see cref="CommandFailed"/>.</summary>
    internal sealed record Inspect(long Round) : ISessionCommand;

    /// <summary>Run an operator's command; the sender is answered as the pool's protocol says.</summary>
    internal sealed record Run(string Command, TimeSpan Limit) : ISessionCommand;

    /// <summary>The worker is connected and verified; with <paramref name="Proven"/> it can take a job too. While it has one, that is not
    /// asked.</summary>
    internal sealed record Ready(string Detail, string? HostKey, IReadOnlyList<RunnerProcess> Processes, bool Proven) : ISessionReport;

    /// <summary>Connected, and not ready yet: what is missing. With <paramref name="Failed"/> it never will be.</summary>
    internal sealed record NotReady(string Detail, bool Failed) : ISessionReport;

    /// <summary>A connection attempt failed or the connection was lost; it is tried again.</summary>
    internal sealed record Down(SessionErrorKind Kind, string Detail) : ISessionReport;

    /// <summary>The worker answered, or was too slow to answer, and did not do what it was asked. The connection stands (invariant
    /// W16).</summary>
    internal sealed record CommandFailed(ISessionCommand Command, string Detail) : ISessionReport;

    /// <summary>The dispatch's process runs.</summary>
    internal sealed record Launched(DispatchId Dispatch) : ISessionReport;

    /// <summary>The worker answered that it cannot start the dispatch's process.</summary>
    internal sealed record LaunchFailed(DispatchId Dispatch, string Detail) : ISessionReport;

    /// <summary>A word of the runner about its polls, by its log.</summary>
    internal sealed record RunnerSaid(DispatchId Dispatch, RunnerWord Word) : ISessionReport;

    /// <summary>The dispatch's process ended.</summary>
    internal sealed record Ended(DispatchId Dispatch, JobExit Exit) : ISessionReport;

    /// <summary>What the dispatch left is removed.</summary>
    internal sealed record Cleaned(DispatchId Dispatch) : ISessionReport;

    /// <summary>What the dispatch left could not be removed.</summary>
    internal sealed record CleanUpFailed(DispatchId Dispatch, string Detail) : ISessionReport;

    /// <summary>The worker carried a signal out, or the process had ended.</summary>
    internal sealed record Signalled(DispatchId Dispatch, RunnerSignal What) : ISessionReport;

    /// <summary>What became of the wait of a dispatch's runner.</summary>
    internal sealed record WaitEnded(DispatchId Dispatch, WaitEnd How) : ISessionReport;

    /// <summary>The answer to <see cref="Inspect"/>.</summary>
    internal sealed record Inspected(long Round, IReadOnlyList<RunnerProcess> Processes) : ISessionReport;
}
