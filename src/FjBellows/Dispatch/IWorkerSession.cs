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
    /// same dispatch. Null where nobody listens.</param>
    /// <param name="cancellationToken">Ends the wait, not the process.</param>
    /// <returns>How it ended.</returns>
    Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken);

    /// <summary>What the worker knows of dispatches: which live, which ended and how. The answer to "is it truly idle" (invariant
    /// W10).</summary>
    Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken);

    /// <summary>Sends a signal to a dispatch's process and its children; nothing happens when it has ended.</summary>
    /// <param name="signal">Which.</param>
    Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken);

    /// <summary>Sends a signal as <see cref="SignalAsync"/> does, and says whether the process is still there afterwards: a process that
    /// waits in the kernel outlives even SIGKILL (invariant J12).</summary>
    /// <param name="signal">Which.</param>
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

/// <summary>Names one dispatch: one attempt to run one job on one worker. It is the runner's name in Forgejo too:
/// <c>{worker}-{n}</c>.</summary>
/// <param name="Value">The id: letters, digits and hyphens.</param>
public readonly record struct DispatchId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>What a worker is told to run.</summary>
/// <param name="Uuid">The registration's uuid.</param>
/// <param name="Token">The registration's token.</param>
/// <param name="Labels">The labels in full form, each for its own <c>--label</c>.</param>
/// <param name="Handle">The job attempt's handle; empty means that <c>--handle</c> is left out (invariant J3).</param>
public sealed record JobLaunch(DispatchId Dispatch, string Uuid, Secret Token, IReadOnlyList<string> Labels, string Handle)
{
    /// <summary>After how long the runner itself ends the job, should nobody else; null for never. Left to itself, it does so after three
    /// hours.</summary>
    public TimeSpan? RunnerTimeout { get; init; }

    /// <summary>How often a waiting runner asks for its task. Long enough that an end asked for after an answer without a task
    /// (<see cref="IWorkerSession.EndWaitAsync"/>) is over before the next request, which could be answered with one.</summary>
    public static TimeSpan FetchInterval { get; } = TimeSpan.FromSeconds(20);

    /// <summary>True for a runner that asks again, with the same key, when an answer is lost (invariant J7). It waits without end; whoever
    /// starts it ends the wait with <see cref="IWorkerSession.EndWaitAsync"/> once Forgejo has answered without a task.</summary>
    public bool Wait { get; init; }

    /// <summary>The repository whose cache the job may use; null for a cache that goes with the dispatch.</summary>
    public long? RepositoryId { get; init; }
}

/// <summary>How a runner process ended.</summary>
/// <param name="ExitCode">Its exit code; null when it vanished without leaving one (killed with its worker's boot, or by hand).</param>
/// <param name="LogTail">The last lines of its output, at most 4 KiB.</param>
public sealed record JobExit(int? ExitCode, string LogTail)
{
    /// <summary>What the runner's log says about its search for a task.</summary>
    public RunnerProgress Progress { get; init; } = RunnerProgress.None;

    /// <summary>Who vouches for the exit code.</summary>
    public ExitSource Source { get; init; } = ExitSource.File;
}

/// <summary>Who vouches for an exit code.</summary>
public enum ExitSource
{
    /// <summary>A file on the worker, which a job of the same user can write.</summary>
    File,

    /// <summary>The worker's service manager, out of reach of a job that is not root.</summary>
    Unit,
}

/// <summary>What became of a request to end a runner's wait for a task.</summary>
public enum WaitEnd
{
    /// <summary>Forgejo's last answer held no task, and the runner was told to end between two requests.</summary>
    Ended,

    /// <summary>The runner has a task and goes on.</summary>
    HasTask,

    /// <summary>The last request has no answer yet, or is not answered well: Forgejo may have assigned the job. The runner goes on
    /// asking.</summary>
    Unanswered,

    /// <summary>The next request is too close; ask again in some seconds.</summary>
    TooLate,

    /// <summary>The runner has ended already.</summary>
    NotRunning,
}

/// <summary>A dispatch as its worker knows it.</summary>
/// <param name="Alive">True while its process lives.</param>
/// <param name="ExitCode">Its exit code once it has ended and left one.</param>
public sealed record RunnerProcess(DispatchId Dispatch, bool Alive, int? ExitCode)
{
    /// <summary>Who vouches for the exit code.</summary>
    public ExitSource Source { get; init; } = ExitSource.File;
}

/// <summary>Whether a worker can run a job.</summary>
/// <param name="Ready">True when everything that was asked is in place.</param>
/// <param name="Failed">True when waiting longer is useless: the bootstrap itself reports a failure.</param>
/// <param name="Detail">What is missing, with the last lines of the boot log; or the runner's version when ready.</param>
public sealed record Readiness(bool Ready, bool Failed, string Detail)
{
    /// <summary>Free bytes where jobs work; null where the worker did not say.</summary>
    public long? FreeDisk { get; init; }

    /// <summary>True when less is free than <see cref="RunnerSetup.DiskFloor"/> asks for, after unused images and build cache were removed
    /// (invariant W21). The worker is then not <see cref="Ready"/>.</summary>
    public bool LowDisk { get; init; }
}

/// <summary>What can be sent to a runner process.</summary>
public enum RunnerSignal
{
    /// <summary>SIGTERM: cancels the job, post steps may run.</summary>
    Terminate,

    /// <summary>SIGKILL to the whole process group.</summary>
    Kill,
}

/// <summary>A finished command.</summary>
/// <param name="ExitCode">Its exit code; null when a signal ended it.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record CommandResult(int? ExitCode, string Output, string Error);
