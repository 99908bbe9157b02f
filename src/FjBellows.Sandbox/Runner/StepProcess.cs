using System.Diagnostics;

namespace FjBellows.Sandbox.Runner;

/// <summary>A step's shell.</summary>
internal static class StepProcess
{
    // What belongs to the machine. All else stays away: the environment may hold secrets of whoever started us.
    private static readonly string[] Inherited = ["HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR"];

    /// <summary>Runs a script to its end.</summary>
    /// <param name="shell">The step's <c>shell</c>; null for bash where there is one, else sh.</param>
    /// <param name="script">The script's path.</param>
    /// <param name="directory">Where it runs.</param>
    /// <param name="env">Its environment.</param>
    /// <param name="write">Takes each line of its output.</param>
    /// <param name="cancellationToken">Kills it with all its children.</param>
    /// <returns>Its exit code.</returns>
    /// <exception cref="FormatException">The shell is not there.</exception>
    public static async Task<int> RunAsync(
        string? shell, string script, string directory, Dictionary<string, string> env, Action<string> write,
        CancellationToken cancellationToken)
    {
        var command = Command(shell, script);
        var start = new ProcessStartInfo(command[0])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in command.AsSpan(1))
        {
            start.ArgumentList.Add(argument);
        }

        var inherited = Array.ConvertAll(Inherited, name => (Name: name, Value: Environment.GetEnvironmentVariable(name)));
        start.Environment.Clear();
        foreach (var (name, value) in inherited)
        {
            if (value is not null)
            {
                start.Environment[name] = value;
            }
        }

        foreach (var (name, value) in env)
        {
            start.Environment[name] = value;
        }

        using var process = Start(start);
        process.StandardInput.Close();
        var output = Task.WhenAll(PumpAsync(process.StandardOutput, write), PumpAsync(process.StandardError, write));
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        // A process left in the background may hold the pipe open without end; what it says then is not waited for.
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(2), CancellationToken.None)).ConfigureAwait(false);
        return process.ExitCode;
    }

    internal static string[] Command(string? shell, string script) => shell switch
    {
        null or "" => File.Exists("/bin/bash") ? ["/bin/bash", "-e", script] : ["/bin/sh", "-e", script],
        "bash" => ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
        "sh" => ["/bin/sh", "-e", script],
        "python" => ["python3", script],
        _ when shell.Contains("{0}", StringComparison.Ordinal) =>
            Array.ConvertAll(
                shell.Split(' ', StringSplitOptions.RemoveEmptyEntries), p => p.Replace("{0}", script, StringComparison.Ordinal)),
        _ => throw new FormatException(
            $"the sandbox runner does not know the shell '{shell}'; use sh, bash, python or a command with {{0}}"),
    };

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new FormatException($"the shell {start.FileName} cannot be started: {missing.Message}", missing);
        }
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> write)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            write(line);
        }
    }
}
