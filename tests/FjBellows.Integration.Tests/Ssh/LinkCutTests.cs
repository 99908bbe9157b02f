using System.Collections.Concurrent;
using System.Diagnostics;
using FjBellows.Dispatch;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A wire that carries nothing for a minute, as in a cloud's bad hour: neither side is told.</summary>
[Needs(Part.Sshd, Part.NetworkNamespaces)]
public class LinkCutTests
{
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(60);

    [Fact]
    [Trait("Invariant", "W14")]
    [Trait("Invariant", "S3")]
    [Trait("Invariant", "J7")]
    public async Task A_job_outlives_a_minute_without_a_link_and_ends_once()
    {
        await using var cable = await Cable.LayAsync();
        await using var bench = await SshBench.StartAsync(address: cable.Address, network: cable.Network);
        var dispatch = new DispatchId("w-1-1");
        await using var first = await bench.ConnectAsync();
        await first.StartAsync(SshBench.Launch("w-1-1"), default);
        var lines = new ConcurrentQueue<string>();
        var log = new RunnerLog(lines.Enqueue);
        var watch = first.FollowAsync(dispatch, log, default);
        await SshBench.UntilAsync(() => lines.Contains("runner is up"), "the log has begun");

        await cable.PullAsync();
        var clock = Stopwatch.StartNew();
        (await first.Lost.WaitAsync(TimeSpan.FromMinutes(2))).ShouldContain("no sign of life");
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        (await Should.ThrowAsync<SessionException>(() => watch.WaitAsync(TimeSpan.FromMinutes(2)))).Kind
            .ShouldBe(SessionErrorKind.Unreachable);
        (await Should.ThrowAsync<SessionException>(bench.ConnectAsync)).Kind.ShouldBe(SessionErrorKind.Unreachable);

        // The job goes on, and ends, while nobody can see it.
        await SshBench.UntilAsync(() => clock.Elapsed >= Cut - TimeSpan.FromSeconds(5), "the minute is nearly over", 60);
        bench.Finish(2);
        await SshBench.UntilAsync(() => clock.Elapsed >= Cut, "the minute is over", 30);
        await cable.PlugAsync();

        // sshd still keeps the dead connection, and its listener on the tunnel's port.
        bench.Host.SessionCount.ShouldBeGreaterThan(0);
        await using var second = await ReconnectAsync(bench);
        (await second.FollowAsync(dispatch, log, default).WaitAsync(TimeSpan.FromMinutes(2))).ExitCode.ShouldBe(2);
        lines.ShouldBe(["runner is up", "runner ends"]);
        await second.StartAsync(SshBench.Launch("w-1-1"), default);
        (await second.InspectAsync(default)).ShouldBe([new RunnerProcess(dispatch, false, 2)]);
        File.ReadAllLines(Path.Combine(bench.Host.Directory, "starts")).Length.ShouldBe(1, "started exactly once");
    }

    private static async Task<IWorkerSession> ReconnectAsync(SshBench bench)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await bench.ConnectAsync();
            }
            catch (SessionException e) when (e.Kind == SessionErrorKind.Unreachable && attempt < 100)
            {
                await Task.Delay(500);
            }
        }
    }
}
