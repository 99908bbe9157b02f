using System.Diagnostics;
using FjBellows.Dispatch;

namespace FjBellows.Integration.Tests.Ssh;

[Trait("Invariant", "S3")]
[Needs(Part.Sshd)]
public class LivenessTests
{
    [Fact]
    public async Task A_frozen_worker_is_noticed_within_30_seconds()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        var pending = session.ExecAsync("sleep 100", default);

        var clock = Stopwatch.StartNew();
        await bench.Host.SignalAsync("STOP");
        var reason = await session.Lost.WaitAsync(TimeSpan.FromMinutes(2));

        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
        reason.ShouldContain("no sign of life");
        (await Should.ThrowAsync<SessionException>(() => pending.WaitAsync(TimeSpan.FromMinutes(2)))).Kind
            .ShouldBe(SessionErrorKind.Unreachable);
        clock.Restart();
        await session.DisposeAsync();
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(8), "closing a dead session must not hold its caller");
    }

    [Fact]
    public async Task A_killed_sshd_is_noticed_at_once()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        var pending = session.ExecAsync("sleep 100", default);
        await session.ExecAsync("true", default);

        await bench.Host.SignalAsync("KILL");

        await session.Lost.WaitAsync(TimeSpan.FromMinutes(2));
        (await Should.ThrowAsync<SessionException>(() => pending.WaitAsync(TimeSpan.FromMinutes(2)))).Kind
            .ShouldBe(SessionErrorKind.Unreachable);
        (await Should.ThrowAsync<SessionException>(() => session.ExecAsync("true", default).WaitAsync(TimeSpan.FromMinutes(2)))).Kind
            .ShouldBe(SessionErrorKind.Unreachable);
    }

    [Fact]
    public async Task A_connection_closed_in_good_order_is_noticed_at_once()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        await session.ExecAsync("true", default);

        await bench.Host.SignalAsync("TERM", sessionsOnly: true);

        await session.Lost.WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task A_living_worker_is_left_alone()
    {
        await using var bench = await SshBench.StartAsync(
            change: s => s with { KeepaliveInterval = TimeSpan.FromMilliseconds(50), KeepaliveTimeout = TimeSpan.FromSeconds(20) });
        await using var session = await bench.ConnectAsync();

        // The echo may be killed by whoever cleans up on the worker: that is no loss of the connection.
        await session.ExecAsync("sleep 0.5; pkill -f -x cat -P $PPID; sleep 0.5", default);

        session.Lost.IsCompleted.ShouldBeFalse();
        (await session.ExecAsync("echo still here", default)).Output.ShouldBe("still here\n");
    }
}
