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

    private readonly IWorkerShell _shell;
    private readonly DispatchScripts _scripts;
    private readonly string _worker;

    /// <summary>A session over an open transport.</summary>
    /// <param name="shell">The transport; it is disposed of with the session.</param>
    /// <param name="setup">The pool's runners.</param>
    /// <param name="worker">The worker's name, for messages.</param>
    /// <exception cref="SessionException">The setup cannot work (<see cref="SessionErrorKind.Misconfigured"/>).</exception>
    public ShellWorkerSession(IWorkerShell shell, RunnerSetup setup, string worker)
    {
        ArgumentNullException.ThrowIfNull(shell);
        ArgumentNullException.ThrowIfNull(setup);
        ArgumentNullException.ThrowIfNull(worker);
        _shell = shell;
        _worker = worker;
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
        var detail = end < 0 ? "" : result.Output[(end + 1)..].Trim();
        return word switch
        {
            "ready" => new Readiness(Ready: true, Failed: false, detail),
            "failed" => new Readiness(Ready: false, Failed: true, detail),
            "wait" => new Readiness(Ready: false, Failed: false, detail),
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
                SessionErrorKind.LaunchFailed, $"worker {_worker} could not start dispatch {launch.Dispatch} (exit {ExitText(result)}): {said}");
        }
    }

    /// <inheritdoc />
    public async Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken)
    {
        log ??= new RunnerLog(null);
        var lines = log.Attach();
        var command = Composed(() => _scripts.Follow(dispatch, log.IsHeard ? lines.From : null));
        var exit = await _shell.StreamAsync(command, lines.Take, cancellationToken).ConfigureAwait(false);
        return lines.Verdict switch
        {
            null => throw new SessionException(
                SessionErrorKind.Unreachable,
                $"the watch over dispatch {dispatch} on worker {_worker} ended before the dispatch did " +
                $"(exit {exit?.ToString(CultureInfo.InvariantCulture) ?? "by a signal"}); watch it again"),
            var verdict when int.TryParse(verdict, NumberStyles.None, CultureInfo.InvariantCulture, out var code) => new JobExit(code, log.Tail),
            _ => new JobExit(null, log.Tail),
        };
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken)
    {
        const string deed = "was asked for its dispatches";
        var result = await RunAsync(deed, _scripts.Inspect(), NoInput, cancellationToken).ConfigureAwait(false);
        var processes = new List<RunnerProcess>();
        foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ') is not ["dispatch", var id, "0" or "1", var code] words)
            {
                throw Unexpected(deed, result);
            }

            int? exit = int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
            processes.Add(new RunnerProcess(new DispatchId(id), words[2] == "1", exit));
        }

        return processes;
    }

    /// <inheritdoc />
    public Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken) =>
        RunAsync($"was told to end dispatch {dispatch}", Composed(() => _scripts.Signal(dispatch, signal)), NoInput, cancellationToken);

    /// <inheritdoc />
    public async Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken)
    {
        var command = Composed(() => _scripts.Clean(dispatch));
        var result = await _shell.RunAsync(command, NoInput, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == DispatchScripts.StillBusy)
        {
            throw new SessionException(
                SessionErrorKind.CommandFailed, $"dispatch {dispatch} on worker {_worker} still runs, so nothing of it was removed; end it first");
        }

        if (result.ExitCode != 0)
        {
            throw Unexpected($"was told to clean up after dispatch {dispatch}", result);
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

    private T Composed<T>(Func<T> compose, SessionErrorKind kind = SessionErrorKind.Misconfigured, string what = "a command cannot be written")
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

    private static string Said(CommandResult result)
    {
        var text = string.Join('\n', new[] { result.Output.Trim(), result.Error.Trim() }.Where(part => part.Length > 0));
        return text.Length <= RunnerLog.TailBytes ? text : "…" + text[^RunnerLog.TailBytes..];
    }
}
