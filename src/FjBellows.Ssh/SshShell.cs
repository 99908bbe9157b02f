using FjBellows.Dispatch;
using FjBellows.Ssh.Tunnel;
using Renci.SshNet.Common;

namespace FjBellows.Ssh;

/// <summary>The shell of a worker over one SSH connection. A shell is kept waiting on the far side, so that a command starts half a
/// round trip after it is given.</summary>
internal sealed class SshShell : IWorkerShell
{
    private static readonly TimeSpan RespectfulDelay = TimeSpan.FromMilliseconds(100);

    private readonly SshLink _link;
    private readonly TimeProvider _time;
    private Task<SshExec>? _waiting;

    public SshShell(SshLink link, TimeProvider? time = null)
    {
        _link = link;
        _time = time ?? TimeProvider.System;
        KeepOneWaiting();
    }

    /// <summary>What lives as long as this shell does.</summary>
    public ReverseTunnel? Tunnel { get; set; }

    /// <inheritdoc />
    public Task<string> Lost => _link.Lost;

    /// <inheritdoc />
    public string? HostKey => _link.HostKey;

    /// <inheritdoc />
    public async Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken)
    {
        var (code, output, error) = await UseAsync(
            command,
            input.Reveal(),
            static async exec =>
            {
                var output = OutputReader.ReadAsync(exec.Output);
                var error = OutputReader.ReadAsync(exec.Error);
                await exec.Ended.ConfigureAwait(false);
                return (exec.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
            },
            cancellationToken).ConfigureAwait(false);
        return new CommandResult(code, output, error);
    }

    /// <inheritdoc />
    public Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken) => UseAsync(
        "exec 2>/dev/null\n" + command,
        "",
        async exec =>
        {
            var lines = OutputReader.ReadLinesAsync(exec.Output, line);
            var error = OutputReader.ReadAsync(exec.Error);
            await exec.Ended.ConfigureAwait(false);
            await lines.ConfigureAwait(false);
            await error.ConfigureAwait(false);
            return exec.ExitCode;
        },
        cancellationToken);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync().ConfigureAwait(false);
        if (Tunnel is { } tunnel)
        {
            await tunnel.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<T> UseAsync<T>(string command, string input, Func<SshExec, Task<T>> use, CancellationToken cancellationToken)
    {
        SshExec? exec = null;
        await _link.Turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            exec = await TakeInTimeAsync(cancellationToken).ConfigureAwait(false);
            _link.Unread.Add(exec, UnreadWatch.Read);
            var feeding = exec.FeedAsync(command, input);
            var result = use(exec);
            _ = DedicatedThread.Seen(result);
            await Unbroken(Task.WhenAny(feeding, result), cancellationToken).ConfigureAwait(false);

            // The next shell's start would take the worker's time from this command's.
            await Unbroken(
                Task.WhenAny(result, Task.Delay(RespectfulDelay, _time, cancellationToken)), cancellationToken).ConfigureAwait(false);
            KeepOneWaiting();
            return await Unbroken(result, cancellationToken).ConfigureAwait(false);
        }
        catch (OutputBudgetException e)
        {
            _link.Lose($"{e.Message}; a job there may be writing to the connection's streams");
            throw Broken(e);
        }
        catch (Exception e) when (e is SshException or InvalidOperationException or IOException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw Broken(e);
        }
        finally
        {
            exec?.Abandon();
            _link.Turns.Release();
        }
    }

    private async Task<SshExec> TakeInTimeAsync(CancellationToken cancellationToken)
    {
        var taking = TakeAsync();
        try
        {
            return await Unbroken(taking, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // A shell that opens after all is no one's; left open, it would hold one of the connection's channels.
            _ = taking.ContinueWith(
                static t => t.Result.Abandon(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            _ = DedicatedThread.Seen(taking);
            throw;
        }
    }

    private async Task<SshExec> TakeAsync()
    {
        if (Interlocked.Exchange(ref _waiting, null) is { } waiting)
        {
            try
            {
                var exec = await waiting.ConfigureAwait(false);
                if (!exec.Ended.IsCompleted)
                {
                    return exec;
                }
            }
            catch (Exception e) when (e is SshException or InvalidOperationException)
            {
                // A fresh one says what is wrong, if anything still is.
            }
        }

        return await SshExec.OpenAsync(_link).ConfigureAwait(false);
    }

    private void KeepOneWaiting()
    {
        if (Volatile.Read(ref _waiting) is not null || _link.Lost.IsCompleted)
        {
            return;
        }

        var opening = SshExec.OpenAsync(_link);
        if (Interlocked.CompareExchange(ref _waiting, opening, null) is not null)
        {
            _ = opening.ContinueWith(
                static t => t.Result.Abandon(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
        }
    }

    /// <summary>Waits for work, but no longer than the connection lives: on a dead one nothing that is pending ever ends.</summary>
    private async Task<T> Unbroken<T>(Task<T> work, CancellationToken cancellationToken)
    {
        if (await Task.WhenAny(work, _link.Lost).WaitAsync(cancellationToken).ConfigureAwait(false) != work)
        {
            throw Broken(null);
        }

        return await work.ConfigureAwait(false);
    }

    private SessionException Broken(Exception? e) => new(
        SessionErrorKind.Unreachable,
        _link.Lost.IsCompletedSuccessfully
            ? $"the connection to the worker is gone: {_link.Lost.Result}"
            : $"the worker did not take the command: {e?.Message}",
        e);
}
