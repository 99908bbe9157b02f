namespace FjBellows.Dispatch;

/// <summary>An open way to one worker. Calls may be made at once from several places; every call that cannot be answered throws
/// <see cref="SessionException"/>. Nothing that runs on the worker ends when the session does.</summary>
public interface IWorkerSession : IAsyncDisposable
{
    /// <summary>Completes, and never fails, when the way to the worker is found to be gone. The value says how that was noticed.</summary>
    Task<string> Lost { get; }

    /// <summary>The host key the worker showed, in OpenSSH's form; null where the mechanism has none. On a worker without a pin this is
    /// what to pin (invariant S2).</summary>
    string? HostKey { get; }

    /// <summary>Whether the worker can run a job now: bootstrap finished, runner runs, Docker answers where labels need it (invariant
    /// W4).</summary>
    Task<Readiness> CheckReadyAsync(CancellationToken cancellationToken);

    /// <summary>Starts one <c>one-job</c> process apart from the session and returns when it is known to have started. Calling again with
    /// the same dispatch starts nothing: whatever became of the first call is left as it is.</summary>
    /// <param name="launch">What to run. Its token travels by standard input only (invariant S4).</param>
    /// <param name="cancellationToken">Ends the call; the process may have started all the same.</param>
    /// <exception cref="SessionException"><see cref="SessionErrorKind.LaunchFailed"/> when the worker answered that it could not start
    /// it.</exception>
    Task StartAsync(JobLaunch launch, CancellationToken cancellationToken);

    /// <summary>Waits for the end of a dispatch's process, started in this session or an earlier one.</summary>
    /// <param name="log">Takes the runner's output line by line: from its beginning, or after what it has taken in an earlier follow of the
    /// same dispatch. Null where no one listens.</param>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <returns>How it ended.</returns>
    Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken);

    /// <summary>What the worker knows of dispatches: which live, which ended and how. The answer to "is it truly idle" (invariant
    /// W10).</summary>
    Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken);

    /// <summary>Sends a signal to a dispatch's process and its children; nothing happens when it has ended.</summary>
    Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken);

    /// <summary>Sends a signal as <see cref="SignalAsync"/> does, and says whether the process is still there afterwards: a process that
    /// waits in the kernel outlives even SIGKILL (invariant J12).</summary>
    /// <returns>True while the runner's process is still there.</returns>
    async Task<bool> SendSignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken)
    {
        await SignalAsync(dispatch, signal, cancellationToken).ConfigureAwait(false);
        var processes = await InspectAsync(cancellationToken).ConfigureAwait(false);
        return processes.Any(process => process.Dispatch == dispatch && process.Alive);
    }

    /// <summary>Ends a waiting runner (<see cref="JobLaunch.Wait"/>) if Forgejo's last answer held no task and the next request is not
    /// near, so that no task can be assigned to it meanwhile (invariant J7). Decided on the worker in one step.</summary>
    /// <returns>What was found and done.</returns>
    async Task<WaitEnd> EndWaitAsync(DispatchId dispatch, CancellationToken cancellationToken)
    {
        await SignalAsync(dispatch, RunnerSignal.Terminate, cancellationToken).ConfigureAwait(false);
        return WaitEnd.Ended;
    }

    /// <summary>Removes what an ended dispatch left behind: its workspace, token, configuration, containers and networks. Harmless to
    /// repeat.</summary>
    Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken);

    /// <summary>Runs an operator's command on the worker.</summary>
    /// <param name="command">A shell command, at most 64 KiB.</param>
    /// <returns>Its exit code and output, each stream cut at 1 MiB.</returns>
    Task<CommandResult> ExecAsync(string command, CancellationToken cancellationToken);
}
