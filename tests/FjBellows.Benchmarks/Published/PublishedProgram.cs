using System.Diagnostics;
using System.Globalization;

namespace FjBellows.Benchmarks.Published;

/// <summary>A running <c>fj-bellows</c> and what the kernel says of it.</summary>
internal sealed class PublishedProgram : IAsyncDisposable
{
    private const double TicksPerSecond = 100;
    private readonly Process _process;
    private readonly long _began;

    private PublishedProgram(Process process, long began) => (_process, _began) = (process, began);

    /// <summary>Time since the start, in seconds.</summary>
    public double Age => Stopwatch.GetElapsedTime(_began).TotalSeconds;

    /// <summary>Processor time used so far, in seconds: unlike <see cref="Age"/> it hardly depends on what else the machine does.</summary>
    public double Processor
    {
        get
        {
            var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(
                fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>Resident memory in MB.</summary>
    public double ResidentMegabytes
    {
        get
        {
            var line = File.ReadLines($"/proc/{_process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
    }

    public static PublishedProgram Start(string program, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardError = true };
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        var began = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, e) =>
        {
            if (Environment.GetEnvironmentVariable("FJB_BENCH_LOG") is not null)
            {
                Console.Error.WriteLine(e.Data);
            }
        };
        process.BeginErrorReadLine();
        return new PublishedProgram(process, began);
    }

    /// <summary>Waits for something the program does to the world around it.</summary>
    public async Task UntilAsync(string what, Func<bool> isSo)
    {
        await Deadline.UntilAsync(
            what,
            TimeSpan.FromSeconds(60),
            () => _process.HasExited
                ? throw new InvalidOperationException(
                    $"the program ended with exit code {_process.ExitCode} before {what}; set FJB_BENCH_LOG to see its log")
                : Task.FromResult(isSo()),
            everyMilliseconds: 2).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            {
                await kill.WaitForExitAsync().ConfigureAwait(false);
            }

            await _process.WaitForExitAsync().ConfigureAwait(false);
        }

        _process.Dispose();
    }
}
