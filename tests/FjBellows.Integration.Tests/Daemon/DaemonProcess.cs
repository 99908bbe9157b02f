using System.Diagnostics;
using System.Text;

namespace FjBellows.Integration.Tests.Daemon;

/// <summary>A real <c>fj-bellows</c> process.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private static readonly TimeSpan Timeouts = TimeSpan.FromMinutes(3);
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private DaemonProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public string Output => Read(_output);

    public string Error => Read(_error);

    public static DaemonProcess Start(params IEnumerable<string> args) => Start(args, null);

    public static DaemonProcess Start(IEnumerable<string> args, IReadOnlyDictionary<string, string?>? environment)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var arg in args.Prepend(Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll")))
        {
            start.ArgumentList.Add(arg);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            start.Environment[name] = value;
        }

        var daemon = new DaemonProcess(new Process { StartInfo = start });
        daemon._process.OutputDataReceived += (_, e) => Append(daemon._output, e.Data);
        daemon._process.ErrorDataReceived += (_, e) => Append(daemon._error, e.Data);
        daemon._process.Start();
        daemon._process.BeginOutputReadLine();
        daemon._process.BeginErrorReadLine();
        return daemon;
    }

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] args)
    {
        using var daemon = Start(args);
        return (await daemon.ExitAsync(), daemon.Output, daemon.Error);
    }

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Timeouts);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"it did not exit within {Timeouts}, but said:\n{Output}\n{Error}", e);
        }

        return _process.ExitCode;
    }

    /// <summary>Waits until standard error holds a text.</summary>
    public async Task SaysAsync(string text)
    {
        var since = Stopwatch.StartNew();
        while (!Error.Contains(text, StringComparison.Ordinal))
        {
            (since.Elapsed < Timeouts && !_process.HasExited).ShouldBeTrue($"the daemon never said '{text}', but:\n{Error}");
            await Task.Delay(20);
        }
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            text.Append(line).Append('\n');
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
