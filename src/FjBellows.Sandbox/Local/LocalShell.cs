using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using FjBellows.Dispatch;

namespace FjBellows.Sandbox.Local;

/// <summary>A shell on this machine that takes a directory for its home: the transport to an instance of the local provider. It is
/// lost when the directory is gone.</summary>
public sealed class LocalShell : IWorkerShell
{
    private const int LongestOutput = 1024 * 1024;
    private const int LongestLine = 64 * 1024;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);

    // Everything else in the daemon's environment, its secrets above all, stays there.
    private static readonly string[] Inherited = ["PATH", "LANG", "LC_ALL", "TZ"];
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string _home;
    private readonly TaskCompletionSource<string> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _look;

    /// <summary>A shell at home in a directory.</summary>
    /// <param name="home">An existing directory; commands start in it and have it as HOME.</param>
    /// <param name="time">The clock by which the directory's absence is noticed.</param>
    public LocalShell(string home, TimeProvider? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(home);
        _home = Path.GetFullPath(home);
        _look = (time ?? TimeProvider.System).CreateTimer(_ => Look(), null, LookInterval, LookInterval);
    }

    /// <inheritdoc />
    public Task<string> Lost => _lost.Task;

    /// <inheritdoc />
    public string? HostKey => null;

    /// <inheritdoc />
    public async Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var process = Start(command);
        var output = ReadAsync(process.StandardOutput, LongestOutput, cancellationToken);
        var error = ReadAsync(process.StandardError, LongestOutput, cancellationToken);
        await FeedAsync(process, input, cancellationToken).ConfigureAwait(false);
        await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        return new CommandResult(ExitCode(process), await output.ConfigureAwait(false), await error.ConfigureAwait(false));
    }

    /// <inheritdoc />
    public async Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(line);
        using var process = Start(command);
        process.StandardInput.Close();
        var error = ReadAsync(process.StandardError, LongestOutput, cancellationToken);
        try
        {
            await LinesAsync(process.StandardOutput, line, cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            await error.ConfigureAwait(false);
            return ExitCode(process);
        }
        finally
        {
            // A follower whose listener has gone would wait on until the job's end.
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        _lost.TrySetResult("the session was closed");
        return _look.DisposeAsync();
    }

    private void Look()
    {
        if (!Directory.Exists(_home))
        {
            _lost.TrySetResult($"the directory {_home} is gone");
        }
    }

    private Process Start(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = _home,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            StandardErrorEncoding = Utf8,
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        var kept = start.Environment
            .Where(pair => Inherited.Contains(pair.Key, StringComparer.Ordinal) || pair.Key.StartsWith("DOTNET_", StringComparison.Ordinal))
            .ToList();
        start.Environment.Clear();
        foreach (var (name, value) in kept)
        {
            start.Environment[name] = value;
        }

        start.Environment["HOME"] = _home;
        try
        {
            return Process.Start(start)
                ?? throw new SessionException(SessionErrorKind.Unreachable, $"/bin/sh did not start in {_home}");
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            Look();
            throw new SessionException(SessionErrorKind.Unreachable, $"/bin/sh cannot be started in {_home}: {e.Message}", e);
        }
    }

    private static async Task FeedAsync(Process process, Secret input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.Reveal().AsMemory(), cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading all of its input; its exit code tells what that means.
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, int most, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[8192];
        int read;
        while ((read = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            // What is over is read all the same, so that the command does not block.
            text.Append(buffer, 0, Math.Min(read, most - text.Length));
        }

        return text.ToString();
    }

    private static async Task LinesAsync(StreamReader reader, Action<string> line, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new char[8192];
        int read;
        while ((read = await reader.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            for (var i = 0; i < read; i++)
            {
                var c = buffer[i];
                if (c == '\n')
                {
                    line(text.ToString());
                    text.Clear();
                }
                else if (text.Length < LongestLine)
                {
                    text.Append(c);
                }
            }
        }

        if (text.Length > 0)
        {
            line(text.ToString());
        }
    }

    /// <summary>.NET reports a death by signal as 128 and the signal's number; numbers go up to 64.</summary>
    private static int? ExitCode(Process process) => process.ExitCode is > 128 and <= 192 ? null : process.ExitCode;
}
