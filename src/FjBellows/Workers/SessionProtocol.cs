using FjBellows.Dispatch;

namespace FjBellows.Workers;

/// <summary>What passes between a worker and the actor that holds its connection.</summary>
internal static class SessionProtocol
{
    internal interface ISessionCommand;

    internal interface ISessionReport;

    /// <summary>Prove that the worker can take a job; answered by <see cref="Ready"/> or <see cref="NotReady"/>, or not at all while there is no link.</summary>
    internal sealed record Prove : ISessionCommand
    {
        public static readonly Prove Instance = new();
    }

    /// <summary>Start a dispatch's process once the worker has proven ready, and follow it.</summary>
    internal sealed record Launch(JobLaunch Job) : ISessionCommand;

    /// <summary>Follow a dispatch that an earlier session started.</summary>
    internal sealed record Follow(DispatchId Dispatch) : ISessionCommand;

    /// <summary>Stop following; clean up what the dispatch left. The next launch waits for it.</summary>
    internal sealed record CleanUp(DispatchId Dispatch) : ISessionCommand;

    /// <summary>Signal a dispatch's process.</summary>
    internal sealed record Signal(DispatchId Dispatch, RunnerSignal What) : ISessionCommand;

    /// <summary>Ask the worker which runner processes live; answered by <see cref="Inspected"/>, or not at all while there is no link.</summary>
    internal sealed record Inspect(long Round) : ISessionCommand;

    /// <summary>Run an operator's command; the sender is answered as the pool's protocol says.</summary>
    internal sealed record Run(string Command, TimeSpan Limit) : ISessionCommand;

    /// <summary>The worker is connected and verified; with <paramref name="Proven"/> it can take a job too. While it has one, that is not asked.</summary>
    internal sealed record Ready(string Detail, string? HostKey, IReadOnlyList<RunnerProcess> Processes, bool Proven) : ISessionReport;

    /// <summary>Connected, and not ready yet: what is missing. With <paramref name="Failed"/> it never will be.</summary>
    internal sealed record NotReady(string Detail, bool Failed) : ISessionReport;

    /// <summary>A dial failed or the link broke; it is tried again.</summary>
    internal sealed record Down(SessionErrorKind Kind, string Detail) : ISessionReport;

    /// <summary>The dispatch's process runs.</summary>
    internal sealed record Launched(DispatchId Dispatch) : ISessionReport;

    /// <summary>The worker answered that it cannot start the dispatch's process.</summary>
    internal sealed record LaunchFailed(DispatchId Dispatch, string Detail) : ISessionReport;

    /// <summary>The dispatch's process ended.</summary>
    internal sealed record Ended(DispatchId Dispatch, JobExit Exit) : ISessionReport;

    /// <summary>The answer to <see cref="Inspect"/>.</summary>
    internal sealed record Inspected(long Round, IReadOnlyList<RunnerProcess> Processes) : ISessionReport;
}
