using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace FjBellows.Providers.Exec;

/// <summary>Runs the program once: no shell, an environment of its own, limits on time and output, and its whole process group ended with
/// it.</summary>
internal sealed class ExecProcess(ExecSettings settings)
{
    private static readonly string[] AlwaysPassed = ["PATH", "HOME", "LANG"];

    /// <summary>The largest answer that is read.</summary>
    public const int LargestAnswer = 4 * 1024 * 1024;

    private const int KeptErrorOutput = 2048;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly string? Setsid = new[] { "/usr/bin/setsid", "/bin/setsid" }.FirstOrDefault(File.Exists);

    /// <summary>Runs it to its end.</summary>
    /// <param name="input">Its standard input.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="line">Takes each line of its error output.</param>
    public async Task<ExecRun> RunAsync(
        string verb, string input, TimeSpan timeout, Action<string> line, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var process = Start(verb);
        if (process is null)
        {
            return new ExecRun(127, "", "there is no such program", ExecEnd.Exited);
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        var errors = new StringBuilder();
        var readErrors = ReadErrorsAsync(process, errors, line);
        var readOutput = ReadOutputAsync(process, limit);
        var (end, output) = (ExecEnd.Exited, "");
        try
        {
            await WriteAsync(process, input, limit.Token).ConfigureAwait(false);
            output = await readOutput.WaitAsync(limit.Token).ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            end = readOutput is { IsCompletedSuccessfully: true, Result.Length: > LargestAnswer } ? ExecEnd.TooLong : ExecEnd.TimedOut;
            await EndAsync(process).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        // A grandchild may hold the pipe open; the program's own words have arrived by then.
        await Task.WhenAny(readErrors, Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None)).ConfigureAwait(false);
        string said;
        lock (errors)
        {
            said = errors.ToString().Trim();
        }

        return new ExecRun(end == ExecEnd.Exited ? process.ExitCode : -1, output, said, end);
    }

    private Process? Start(string verb)
    {
        string[] words = [.. Setsid is null ? [] : new[] { Setsid }, .. settings.Command, verb];
        var start = new ProcessStartInfo(words[0], words[1..])
        {
            WorkingDirectory = settings.Directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        var passed = AlwaysPassed.Concat(settings.Env).Distinct(StringComparer.Ordinal)
            .Select(name => (Name: name, Value: Environment.GetEnvironmentVariable(name))).Where(v => v.Value is not null).ToList();
        start.Environment.Clear();
        passed.ForEach(v => start.Environment[v.Name] = v.Value);
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static async Task WriteAsync(Process process, string input, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading everything; its exit code says what that means.
        }
    }

    private static async Task<string> ReadOutputAsync(Process process, CancellationTokenSource limit)
    {
        var text = new StringBuilder();
        var part = new char[16 * 1024];
        for (int length; (length = await process.StandardOutput.ReadAsync(part, CancellationToken.None).ConfigureAwait(false)) > 0;)
        {
            text.Append(part, 0, length);
            if (text.Length > LargestAnswer)
            {
                await limit.CancelAsync().ConfigureAwait(false);
                break;
            }
        }

        return text.ToString();
    }

    private static async Task ReadErrorsAsync(Process process, StringBuilder kept, Action<string> line)
    {
        var part = new char[4096];
        var open = new StringBuilder();
        for (int length; (length = await process.StandardError.ReadAsync(part, CancellationToken.None).ConfigureAwait(false)) > 0;)
        {
            lock (kept)
            {
                kept.Append(part, 0, length);
                kept.Remove(0, Math.Max(0, kept.Length - KeptErrorOutput));
            }

            open.Append(part, 0, length);
            var lines = open.ToString().Split('\n');
            open.Clear().Append(lines[^1].Length > KeptErrorOutput ? "" : lines[^1]);
            foreach (var whole in lines[..^1])
            {
                line(whole);
            }
        }

        if (open.Length > 0)
        {
            line(open.ToString());
        }
    }

    /// <summary>TERM to the group, a little time to tidy up, then KILL.</summary>
    private async Task EndAsync(Process process)
    {
        if (!settings.KillsAtOnce)
        {
            await AskToEndAsync(process).ConfigureAwait(false);
        }

        Signal(process, "KILL");
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private static async Task AskToEndAsync(Process process)
    {
        Signal(process, "TERM");
        using var grace = new CancellationTokenSource(Grace);
        try
        {
            await process.WaitForExitAsync(grace.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // It did not listen.
        }
    }

    private static void Signal(Process process, string signal)
    {
        if (Setsid is not null)
        {
            // The program leads a session, so its id is its group's.
            using var kill = Process.Start(
                new ProcessStartInfo("/bin/sh", ["-c", $"kill -s {signal} -- -{process.Id}"]) { RedirectStandardError = true });
            kill?.WaitForExit(TimeSpan.FromSeconds(5));
        }
        else if (signal == "KILL" && !process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}

/// <summary>How a run of the program ended.</summary>
/// <param name="Code">Its exit code; -1 when it was ended.</param>
/// <param name="Output">Its standard output.</param>
/// <param name="ErrorOutput">The end of its error output.</param>
/// <param name="End">Why it ended.</param>
internal sealed record ExecRun(int Code, string Output, string ErrorOutput, ExecEnd End);

/// <summary>Why a run of the program ended.</summary>
internal enum ExecEnd
{
    /// <summary>By itself, or by a signal of somebody else.</summary>
    Exited,

    /// <summary>Its time was up.</summary>
    TimedOut,

    /// <summary>It wrote more than is read.</summary>
    TooLong,
}
