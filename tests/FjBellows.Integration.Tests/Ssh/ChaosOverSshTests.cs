using System.Diagnostics;
using System.Globalization;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Sandbox.Forge;
using Forge = FjBellows.Integration.Tests.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>The daemon's own process over real sshd and tunnels, killed while jobs start, run and end: every job runs once, and its result
/// arrives. The short forms run always; <c>FJB_CHAOS=1</c> asks for the long ones, which take about half an hour.</summary>
[Needs(Part.Sshd)]
[Trait("Invariant", "W14")]
public sealed class ChaosOverSshTests : IAsyncLifetime, IDisposable
{
    private readonly DaemonFiles _files = new();

    private static bool IsLong => Environment.GetEnvironmentVariable("FJB_CHAOS") == "1";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // What a failed test leaves runs on as a VM does.
        foreach (var listener in LocalSshdProcesses.Below(_files.State))
        {
            await Command.TryAsync("pkill", "-KILL", "-P", listener);
            await Command.TryAsync("kill", "-KILL", listener);
        }
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("Invariant", "J13")]
    public async Task A_job_that_ends_while_the_daemon_is_away_is_reported_when_it_is_back()
    {
        await using var forge = await Forge.StartAsync();
        Configure(forge);
        foreach (var seconds in IsLong ? new[] { 30, 90, 300, 600 } : [15])
        {
            var go = _files.At($"go-{seconds}");
            var job = forge.Enqueue($"echo begun; while [ ! -e {go} ]; do sleep 0.1; done; echo ended");
            using (var killed = DaemonProcess.Start(_files.Arguments))
            {
                await UntilAsync(() => forge.State.Job(job.Id).Current?.Log.Contains("begun") == true, killed, 120);
                await killed.SignalAsync("KILL");
                await killed.ExitAsync();
            }

            await File.WriteAllTextAsync(go, "");
            await Task.Delay(TimeSpan.FromSeconds(seconds));
            forge.State.Job(job.Id).IsDone.ShouldBeFalse("nothing reaches Forgejo meanwhile");

            using var daemon = DaemonProcess.Start(_files.Arguments);
            await UntilAsync(() => forge.State.Job(job.Id).IsDone, daemon, 180);
            var done = forge.State.Job(job.Id);
            (done.Status, done.Starts).ShouldBe((ForgeJobStatus.Success, 1), $"away for {seconds} s: {daemon.Error}");
            await daemon.SignalAsync("KILL");
            await daemon.ExitAsync();
        }
    }

    [Fact]
    [Trait("Invariant", "J5")]
    public async Task Jobs_run_once_and_their_results_arrive_however_often_the_daemon_is_killed()
    {
        var (jobs, kills) = IsLong ? (100, 40) : (8, 3);
        var seed = Environment.GetEnvironmentVariable("FJB_CHAOS_SEED") is { Length: > 0 } given
            ? int.Parse(given, CultureInfo.InvariantCulture)
            : Environment.ProcessId;
        var random = new Random(seed);
        await using var forge = await Forge.StartAsync();
        Configure(forge);
        var all = new List<long>();
        var daemon = DaemonProcess.Start(_files.Arguments);
        try
        {
            for (var kill = 0; kill < kills; kill++)
            {
                while (all.Count < (kill + 1) * jobs / kills)
                {
                    all.Add(forge.Enqueue($"sleep {random.NextDouble() * 3:0.0}").Id);
                }

                await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * 5));
                await daemon.SignalAsync("KILL");
                await daemon.ExitAsync();
                daemon.Dispose();
                await Task.Delay(TimeSpan.FromSeconds(random.NextDouble() * 3));
                daemon = DaemonProcess.Start(_files.Arguments);
            }

            await UntilAsync(() => all.All(id => forge.State.Job(id).IsDone), daemon, IsLong ? 900 : 180);
            var ended = all.Select(forge.State.Job).ToList();
            ended.Count(job => job.Status != ForgeJobStatus.Success).ShouldBe(0, $"lost, with seed {seed}: {daemon.Error}");
            ended.Count(job => job.Starts != 1).ShouldBe(0, $"started more than once, with seed {seed}");
        }
        finally
        {
            await daemon.SignalAsync("KILL");
            await daemon.ExitAsync();
            daemon.Dispose();
        }
    }

    private void Configure(Forge forge) => _files.Write("config.yaml", $$"""
        forgejo: {url: "{{forge.Server.Url}}", token: {{Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
        tag: chaos
        scale: {max: 3}
        provider: local
        provider_config: {access: ssh, billing: hour, boot_time: 100ms}
        poll: {interval: 1s, billing_hour: 1h, hour_margin: 1m}
        """);

    private static async Task UntilAsync(Func<bool> condition, DaemonProcess daemon, int seconds)
    {
        for (var since = Stopwatch.StartNew(); !condition(); await Task.Delay(50))
        {
            since.Elapsed.TotalSeconds.ShouldBeLessThan(seconds, daemon.Error);
        }
    }
}
