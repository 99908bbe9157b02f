using System.Globalization;
using System.Text;

namespace FjBellows.Dispatch;

/// <summary>A session made of shell commands: what a dispatch is on a worker, for every transport alike. A dispatch is a directory on the
/// worker, its runner a process apart from any session, so whoever comes later finds both (invariant W14).</summary>
public sealed class ShellWorkerSession : IWorkerSession
{
    /// <summary>The longest operator's command, in bytes.</summary>
    private const int LongestCommand = 64 * 1024;

    private static readonly Secret NoInput = new("");

    /// <summary>How often a dispatch that is followed is looked at beside that, and how long an ended one may be followed on.</summary>
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);

    private readonly IWorkerShell _shell;
    private readonly DispatchScripts _scripts;
    private readonly string _worker;
    private readonly TimeProvider _time;

    /// <summary>A session over an open transport.</summary>
    /// <param name="shell">The transport; it is disposed of with the session.</param>
    /// <param name="setup">The pool's runners.</param>
    /// <param name="worker">The worker's name, for messages.</param>
    /// <param name="time">The clock by which a followed dispatch is looked at.</param>
    /// <exception cref="SessionException">The setup cannot work (<see cref="SessionErrorKind.Misconfigured"/>).</exception>
    public ShellWorkerSession(IWorkerShell shell, RunnerSetup setup, string worker, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(shell);
        ArgumentNullException.ThrowIfNull(setup);
        ArgumentNullException.ThrowIfNull(worker);
        _shell = shell;
        _worker = worker;
        _time = time ?? TimeProvider.System;
        _scripts = Composed(() => new DispatchScripts(setup), SessionErrorKind.Misconfigured, "its runners are set up wrongly");
    }

    /// <inheritdoc />
    public Task<string> Lost => _shell.Lost;

    /// <inheritdoc />
    public string? HostKey => _shell.HostKey;

    /// <inheritdoc />
    public async Task<Readiness> CheckReadyAsync(CancellationToken cancellationToken)
    {
        var result = await RunAsync("was asked whether it is ready", _scripts.Ready(), NoInput, cancellationToken).ConfigureAwait(false);
        var end = result.Output.IndexOf('\n', StringComparison.Ordinal);
        var word = end < 0 ? result.Output : result.Output[..end];
        var (free, low, said) = Disk(end < 0 ? "" : result.Output[(end + 1)..]);
        var detail = Bounded(said.Trim());
        return word switch
        {
            "ready" => new Readiness(Ready: true, Failed: false, detail) { FreeDisk = free },
            "failed" => new Readiness(Ready: false, Failed: true, detail),
            "wait" => new Readiness(Ready: false, Failed: false, detail) { FreeDisk = free, LowDisk = low },
            _ => throw Unexpected("was asked whether it is ready", result),
        };
    }

    /// <inheritdoc />
    public async Task StartAsync(JobLaunch launch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(launch);
        var (command, input) = Composed(
            () => _scripts.Launch(launch), SessionErrorKind.LaunchFailed, $"dispatch {launch.Dispatch} cannot be written as a command");
        var result = await _shell.RunAsync(command, input, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 || result.Output.Trim() is not ("started" or "already"))
        {
            // The far side prints no token; whatever it did print is still searched for it before it may reach a log (invariant S4).
            var said = Said(result).Replace(launch.Token.Reveal(), "***", StringComparison.Ordinal);
            throw new SessionException(
                SessionErrorKind.LaunchFailed,
                $"worker {_worker} could not start dispatch {launch.Dispatch} (exit {ExitText(result)}): {said}");
        }
    }

    /// <inheritdoc />
    public async Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken)
    {
        log ??= new RunnerLog(null);
        var lines = log.Attach();
        var command = Composed(() => _scripts.Follow(dispatch, log.IsHeard ? lines.From : null));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var following = _shell.StreamAsync(command, lines.Take, ended.Token);
        var looking = LookAsync(dispatch, ended.Token);
        try
        {
            if (await Task.WhenAny(following, looking).ConfigureAwait(false) == looking && await looking.ConfigureAwait(false) is { } found)
            {
                return Exit(found.ExitCode, found.Source);
            }

            var exit = await following.ConfigureAwait(false);

            // A watch that did not end by itself has no verdict, whatever its last line looks like: a job may have stopped or killed it.
            return exit == 0 && Verdict(lines.Verdict) is { } verdict
                ? Exit(verdict.Code, verdict.Source)
                : throw new SessionException(
                    SessionErrorKind.Unreachable,
                    $"the watch over dispatch {dispatch} on worker {_worker} ended before the dispatch did " +
                    $"(exit {exit?.ToString(CultureInfo.InvariantCulture) ?? "by a signal"}); watch it again");
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(following, looking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        JobExit Exit(int? code, ExitSource source) => new(code, log.Tail) { Progress = log.Progress, Source = source };
    }

    /// <summary>Looks at a followed dispatch over a channel of its own, now and then (invariant J12): whatever has become of the watch, the
    /// end of the process is noticed.</summary>
    /// <returns>The dispatch, once it has been found ended twice in a row; null when the worker cannot be asked, which the watch itself
    /// will tell.</returns>
    private async Task<RunnerProcess?> LookAsync(DispatchId dispatch, CancellationToken cancellationToken)
    {
        RunnerProcess? before = null;
        try
        {
            while (true)
            {
                await Task.Delay(LookInterval, _time, cancellationToken).ConfigureAwait(false);
                var processes = await InspectAsync(cancellationToken).ConfigureAwait(false);
                var found = processes.FirstOrDefault(process => process.Dispatch == dispatch)
                    ?? new RunnerProcess(dispatch, Alive: false, ExitCode: null);
                if (!found.Alive && before == found)
                {
                    return found;
                }

                before = found;
            }
        }
        catch (SessionException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken)
    {
        const string deed = "was asked for its dispatches";
        var result = await RunAsync(deed, _scripts.Inspect(), NoInput, cancellationToken).ConfigureAwait(false);
        var processes = new List<RunnerProcess>();
        foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is not ["dispatch", var id, "0" or "1", var code, .. var rest] words
                || Verdict(string.Join(' ', [code, .. rest])) is not { } exit)
            {
                throw Unexpected(deed, result);
            }

            processes.Add(new RunnerProcess(new DispatchId(id), words[2] == "1", exit.Code) { Source = exit.Source });
        }

        return processes;
    }

    /// <inheritdoc />
    public Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken) =>
        SendSignalAsync(dispatch, signal, cancellationToken);

    /// <inheritdoc />
    public async Task<bool> SendSignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken)
    {
        var result = await RunAsync(
            $"was asked to end dispatch {dispatch}", Composed(() => _scripts.Signal(dispatch, signal)), NoInput,
            cancellationToken).ConfigureAwait(false);
        return result.Output.Trim() == "alive";
    }

    /// <inheritdoc />
    public async Task<WaitEnd> EndWaitAsync(DispatchId dispatch, CancellationToken cancellationToken)
    {
        var deed = $"was asked to end the wait of dispatch {dispatch}";
        var result = await RunAsync(deed, Composed(() => _scripts.EndWait(dispatch)), NoInput, cancellationToken).ConfigureAwait(false);
        return result.Output.Trim() switch
        {
            "ended" => WaitEnd.Ended,
            "task" => WaitEnd.HasTask,
            "unanswered" => WaitEnd.Unanswered,
            "late" => WaitEnd.TooLate,
            "gone" => WaitEnd.NotRunning,
            _ => throw Unexpected(deed, result),
        };
    }

    /// <inheritdoc />
    public async Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken)
    {
        var command = Composed(() => _scripts.Clean(dispatch));
        var result = await _shell.RunAsync(command, NoInput, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == DispatchScripts.StillBusy)
        {
            throw new SessionException(
                SessionErrorKind.CommandFailed,
                $"dispatch {dispatch} on worker {_worker} still runs, so nothing of it was removed; end it first");
        }

        if (result.ExitCode != 0)
        {
            throw Unexpected($"was asked to clean up after dispatch {dispatch}", result);
        }
    }

    /// <inheritdoc />
    public Task<CommandResult> ExecAsync(string command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        var size = Encoding.UTF8.GetByteCount(command);
        return size > LongestCommand
            ? throw new SessionException(
                SessionErrorKind.Misconfigured, $"the command for worker {_worker} has {size} bytes; at most {LongestCommand} can be sent")
            : _shell.RunAsync(command, NoInput, cancellationToken);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _shell.DisposeAsync();

    private async Task<CommandResult> RunAsync(string deed, string command, Secret input, CancellationToken cancellationToken)
    {
        var result = await _shell.RunAsync(command, input, cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? result : throw Unexpected(deed, result);
    }

    private T Composed<T>(
        Func<T> compose, SessionErrorKind kind = SessionErrorKind.Misconfigured, string what = "a command cannot be written")
    {
        try
        {
            return compose();
        }
        catch (FormatException e)
        {
            throw new SessionException(kind, $"worker {_worker}: {what}: {e.Message}", e);
        }
    }

    private SessionException Unexpected(string deed, CommandResult result) =>
        new(SessionErrorKind.CommandFailed, $"worker {_worker} {deed} and failed (exit {ExitText(result)}): {Said(result)}");

    private static string ExitText(CommandResult result) => result.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "by a signal";

    /// <summary>The end of what a command wrote: as much as an operator reads and a journal may keep.</summary>
    private static string Said(CommandResult result) =>
        Bounded(string.Join('\n', new[] { result.Output.Trim(), result.Error.Trim() }.Where(part => part.Length > 0)));

    private static string Bounded(string text) => text.Length <= RunnerLog.TailBytes ? text : "…" + text[^RunnerLog.TailBytes..];

    /// <summary>The exit code (null for <c>-</c>) and who vouches for it; null for anything else.</summary>
    private static (int? Code, ExitSource Source)? Verdict(string? words) => words?.Split(' ') switch
    {
        ["-", ..] => (null, Source(words)),
        [{ Length: <= 3 } text, ..] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) =>
            (code, Source(words)),
        _ => null,
    };

    private static ExitSource Source(string words) => words.EndsWith(" unit", StringComparison.Ordinal) ? ExitSource.Unit : ExitSource.File;

    /// <summary>Takes the line about the disk off the front of an answer.</summary>
    private static (long? Free, bool Low, string Said) Disk(string detail)
    {
        var end = detail.IndexOf('\n', StringComparison.Ordinal);
        return end > 0 && detail[..end].Split(' ') is ["disk", var free, "ok" or "low"] words
            && long.TryParse(free, NumberStyles.None, CultureInfo.InvariantCulture, out var kib)
            ? (kib * 1024, words[2] == "low", detail[(end + 1)..])
            : (null, false, detail);
    }
}
