using FjBellows.Integration.Tests.Daemon;
using FjBellows.Integration.Tests.Ssh;

namespace FjBellows.Integration.Tests.Demo;

/// <summary>The demo as a new user runs it, its workers behind real sshd.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("fjb-demo-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [SkippableFact]
    [Trait("Invariant", "W14")]
    [Trait("Invariant", "S1")]
    public async Task A_demo_over_ssh_outlives_kill_9_and_leaves_no_sshd()
    {
        Part.Find("sshd", "openssh-server");
        string[] arguments = ["demo", "--jobs", "5", "--max", "2", "--speed", "4", "--state", _state];
        string[] listeners;
        using (var killed = DaemonProcess.Start(arguments))
        {
            await UntilAsync(() => killed.Output.Contains(" is Busy: runs ", StringComparison.Ordinal), killed);
            listeners = LocalSshdProcesses.Below(_state);
            listeners.ShouldNotBeEmpty("each worker has an sshd of its own");
            await killed.SignalAsync("KILL");
            await killed.ExitAsync();
        }

        LocalSshdProcesses.Below(_state).ShouldBe(listeners, "a worker outlives the daemon");
        using var resumed = DaemonProcess.Start(arguments);
        (await resumed.ExitAsync()).ShouldBe(0, resumed.Output + resumed.Error);
        resumed.Output.ShouldContain("5 of 5, 5 passed");
        resumed.Output.ShouldContain(", 0 left");
        LocalSshdProcesses.Below(_state).ShouldBeEmpty();
        Directory.EnumerateDirectories(Path.Combine(_state, "local")).ShouldBeEmpty();
    }

    private static async Task UntilAsync(Func<bool> condition, DaemonProcess process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            limit.IsCancellationRequested.ShouldBeFalse(process.Output + process.Error);
            await Task.Delay(50);
        }
    }
}
