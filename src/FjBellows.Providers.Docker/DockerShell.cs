using System.Net;
using System.Text;
using Docker.DotNet;
using Docker.DotNet.Models;
using FjBellows.Dispatch;

namespace FjBellows.Providers.Docker;

/// <summary>A shell in a container by the engine's exec API: the transport to a worker of the Docker provider. It is lost when the
/// container no longer runs, or the engine no longer answers.</summary>
public sealed class DockerShell : IWorkerShell
{
    private const int LongestOutput = 1024 * 1024;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan EndInterval = TimeSpan.FromMilliseconds(20);

    private readonly DockerEngine _engine;
    private readonly string _container;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _life = new();
    private readonly Task _watch;

    /// <summary>A shell in a running container.</summary>
    /// <param name="engine">The engine; it stays open when the shell is closed.</param>
    /// <param name="container">The container's full id.</param>
    /// <param name="time">The clock by which the container is looked at.</param>
    public DockerShell(DockerEngine engine, string container, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentException.ThrowIfNullOrEmpty(container);
        _engine = engine;
        _container = container;
        _time = time ?? TimeProvider.System;
        _watch = WatchAsync(_life.Token);
    }

    /// <inheritdoc />
    public Task<string> Lost => _lost.Task;

    /// <inheritdoc />
    public string? HostKey => null;

    /// <inheritdoc />
    public async Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(input);
        var output = new CutOutput(LongestOutput);
        var error = new CutOutput(LongestOutput);
        var code = await ExecAsync(
            command, Encoding.UTF8.GetBytes(input.Reveal()), output.Take, error.Take, cancellationToken).ConfigureAwait(false);
        return new CommandResult(code, output.ToString(), error.ToString());
    }

    /// <inheritdoc />
    public async Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(line);
        var lines = new LineOutput(line);
        var code = await ExecAsync(command, [], lines.Take, _ => { }, cancellationToken).ConfigureAwait(false);
        lines.End();
        return code;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _lost.TrySetResult("the session was closed");
        await _life.CancelAsync().ConfigureAwait(false);
        await _watch.ConfigureAwait(false);
        _life.Dispose();
    }

    private async Task<int?> ExecAsync(string command, byte[] input, Take output, Take error, CancellationToken cancellationToken)
    {
        try
        {
            var exec = _engine.Client.Exec;
            var created = await exec.CreateContainerExecAsync(
                _container,
                new ContainerExecCreateParameters
                {
                    Cmd = ["/bin/sh", "-c", command],
                    AttachStdin = input.Length > 0,
                    AttachStdout = true,
                    AttachStderr = true,
                },
                cancellationToken).ConfigureAwait(false);
            using (var stream = await exec.StartContainerExecAsync(
                created.ID, new ContainerExecStartParameters(), cancellationToken).ConfigureAwait(false))
            {
                // Whoever reads must not wait for whoever writes: a command may answer before it has read everything.
                var fed = FeedAsync(stream, input, cancellationToken);
                await DrainAsync(stream, output, error, cancellationToken).ConfigureAwait(false);
                await fed.ConfigureAwait(false);
            }

            return await ExitCodeAsync(created.ID, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not SessionException && !cancellationToken.IsCancellationRequested)
        {
            throw Broken(e);
        }
        catch (Exception e) when (e is not (SessionException or OperationCanceledException))
        {
            // A connection that our own cancellation has torn down ends in many ways.
            throw new OperationCanceledException("the wait for a command was ended", e, cancellationToken);
        }
    }

    private static async Task FeedAsync(MultiplexedStream stream, byte[] input, CancellationToken cancellationToken)
    {
        if (input.Length == 0)
        {
            return;
        }

        try
        {
            await stream.WriteAsync(input, 0, input.Length, cancellationToken).ConfigureAwait(false);
            stream.CloseWrite();
        }
        catch (IOException)
        {
            // The command ended without reading all of its input; its exit code tells what that means.
        }
    }

    private static async Task DrainAsync(MultiplexedStream stream, Take output, Take error, CancellationToken cancellationToken)
    {
        // Closing the stream ends a read that does not look at the token.
        using var ended = cancellationToken.UnsafeRegister(state => ((MultiplexedStream)state!).Dispose(), stream);
        var buffer = new byte[32 * 1024];
        while (true)
        {
            var read = await stream.ReadOutputAsync(buffer, 0, buffer.Length, cancellationToken).ConfigureAwait(false);
            if (read.EOF)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return;
            }

            (read.Target == MultiplexedStream.TargetStream.StandardError ? error : output)(buffer.AsSpan(0, read.Count));
        }
    }

    /// <summary>The engine reports a death by signal as 128 and the signal's number; numbers go up to 64.</summary>
    private async Task<int?> ExitCodeAsync(string exec, CancellationToken cancellationToken)
    {
        while (true)
        {
            var seen = await _engine.Client.Exec.InspectContainerExecAsync(exec, cancellationToken).ConfigureAwait(false);
            if (!seen.Running)
            {
                return seen.ExitCode is null or (> 128 and <= 192) ? null : (int)seen.ExitCode.Value;
            }

            // The output ends a moment before the process does.
            await Task.Delay(EndInterval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var timer = new PeriodicTimer(LookInterval, _time);
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                if (await LookAsync(cancellationToken).ConfigureAwait(false) is { } why)
                {
                    _lost.TrySetResult(why);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The shell was closed.
        }
    }

    private async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        using var clock = new CancellationTokenSource(LookLimit, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        try
        {
            var container = await _engine.FindAsync(_container, both.Token).ConfigureAwait(false);
            return container is null ? "the container is gone" : container.NotRunning;
        }
        catch (CloudException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (clock.IsCancellationRequested)
        {
            return $"the engine at {_engine.Host} did not answer within {LookLimit.TotalSeconds:0} s";
        }
    }

    private SessionException Broken(Exception error) => new(
        SessionErrorKind.Unreachable,
        error switch
        {
            DockerApiException { StatusCode: HttpStatusCode.NotFound } => $"container {Short(_container)} is gone",
            DockerApiException { StatusCode: HttpStatusCode.Conflict } refused =>
                $"nothing can be run in container {Short(_container)}: {EngineFailure.Said(refused)}",
            _ => EngineFailure.Of($"run a command in container {Short(_container)}", _engine.Host, error).Message,
        },
        error);

    private static string Short(string id) => id.Length > 12 ? id[..12] : id;

    private delegate void Take(ReadOnlySpan<byte> bytes);
}
