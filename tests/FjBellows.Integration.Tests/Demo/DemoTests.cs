using System.Net;
using System.Net.Http.Json;
using FjBellows.Daemon.Commands;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Integration.Tests.Dashboard;
using FjBellows.Integration.Tests.Ssh;

namespace FjBellows.Integration.Tests.Demo;

/// <summary>The demo as a new user runs it, its workers behind real sshd.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("fjb-demo-").FullName;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    [Needs(Part.Sshd)]
    [Trait("Invariant", "W14")]
    [Trait("Invariant", "S1")]
    public async Task A_demo_over_ssh_outlives_kill_9_and_leaves_no_sshd()
    {
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

    [Theory]
    [InlineData("-config", "-config", "x.yaml")]
    [InlineData("-log-level", "--log-level=debug")]
    [InlineData("-runner-version", "-runner-version", "12.10.1")]
    [InlineData("-control-listen cannot be off", "-control-listen", "off")]
    [InlineData("-control-token-file", "-control-listen", "0.0.0.0:0")]
    public async Task What_a_demo_has_no_use_for_is_refused(string message, params string[] flags)
    {
        var (code, _, error) = await DaemonProcess.RunAsync(["demo", .. flags]);

        code.ShouldBe((int)ExitCode.Usage);
        error.ShouldContain(message);
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task A_demo_listens_at_the_given_address_and_asks_for_the_token()
    {
        var token = Path.Combine(_state, "token");
        await File.WriteAllTextAsync(token, "0123456789abcdef-demo");
        using var demo = DaemonProcess.Start(
            "demo", "--jobs", "1", "--max", "1", "--state", Path.Combine(_state, "demo"), "-control-listen", "localhost:0",
            "-control-token-file", token);
        using var http = new HttpClient { BaseAddress = new Uri(await DemoDashboardTests.UrlAsync(demo)) };

        using var refused = await http.PostAsJsonAsync("api/v1/pause", new { });
        http.DefaultRequestHeaders.Authorization = new("Bearer", "0123456789abcdef-demo");
        using var taken = await http.PostAsJsonAsync("api/v1/pause", new { });

        (refused.StatusCode, taken.StatusCode).ShouldBe((HttpStatusCode.Unauthorized, HttpStatusCode.OK));
        await demo.SignalAsync("TERM");
        (await demo.ExitAsync()).ShouldBe((int)ExitCode.Interrupted);
    }

    private static async Task UntilAsync(Func<bool> condition, DaemonProcess process)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!condition())
        {
            limit.IsCancellationRequested.ShouldBeFalse(process.Output + process.Error);
            await Task.Delay(50);
        }
    }
}
