using System.Globalization;
using FjBellows.Dispatch;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>The end of a runner's wait for a task, which must never meet a request that is under way.</summary>
[Trait("Invariant", "J7")]
public sealed class DispatchWaitTests
{
    private const string Said = "say() { echo \"time=\\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\\" level=info msg=\\\"$1\\\"\"; }; ";
    private const string Wait = "; trap 'exit 0' TERM; while :; do sleep 0.05; done";
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("say 'single task poller launched'; say 'single task poller received no task from http://f, trying again'", WaitEnd.Ended)]
    [InlineData("say 'single task poller launched'", WaitEnd.Unanswered)]
    [InlineData(
        "say 'single task poller launched'; say 'single task poller received no task from http://f, trying again'; say 'failed to " +
        "fetch task'", WaitEnd.Unanswered)]
    [InlineData(
        "say 'single task poller launched'; say 'failed to fetch task'; say 'single task poller successfully fetched one task from " +
        "http://f'; say 'task 2 repo is o/r'", WaitEnd.HasTask)]
    [InlineData(
        "echo 'time=\"2026-11-29T23:59:50Z\" msg=\"single task poller launched\"'; echo 'time=\"2026-11-30T00:00:05Z\" msg=\"single " +
        "task poller received no task from http://f\"'", WaitEnd.TooLate)]
    [InlineData(
        "echo 'time=\"2026-11-29T23:59:58Z\" msg=\"single task poller launched\"'; echo 'time=\"2026-11-30T00:00:03Z\" msg=\"single " +
        "task poller received no task from http://f\"'", WaitEnd.Ended)]
    [InlineData(
        "echo 'time=\"2026-11-29T12:08:09Z\" msg=\"single task poller launched\"'; echo 'time=\"2026-11-29T12:08:10Z\" msg=\"single " +
        "task poller received no task from http://f\"'; touch -d '-10 seconds' /proc/self/fd/1", WaitEnd.TooLate)]
    public async Task It_comes_between_two_requests_or_not_at_all(string log, WaitEnd expected)
    {
        // The stand-in's own line about its task is not wanted here.
        await using var bench = new DispatchBench(
            "echo > \"/proc/$$/fd/1\"; : > \"${config%/config.yaml}/log\"; " + Said + log + "; echo > \"$seen/said\"" + Wait);
        await bench.Session.StartAsync(DispatchBench.Launch() with { Wait = true }, None);
        await bench.SeenAsync("said");

        (await bench.Session.EndWaitAsync(DispatchBench.Id, None)).ShouldBe(expected);

        if (expected == WaitEnd.Ended)
        {
            var exit = await bench.Session.FollowAsync(DispatchBench.Id, static _ => { }, None);
            (exit.ExitCode, exit.Progress.IsWithoutTask).ShouldBe((0, true));
            (await bench.Session.EndWaitAsync(DispatchBench.Id, None)).ShouldBe(WaitEnd.NotRunning);
        }
        else
        {
            (await bench.Session.InspectAsync(None)).ShouldHaveSingleItem().Alive.ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_waiting_runner_is_told_to_wait_and_how_often_to_ask()
    {
        await using var bench = new DispatchBench();
        await bench.Session.StartAsync(DispatchBench.Launch() with { Wait = true }, None);

        var words = (await bench.SeenAsync("argv")).Split('\0');
        words.ShouldContain("--wait");
        words[Array.IndexOf(words, "--fetch-interval") + 1]
            .ShouldBe($"{JobLaunch.FetchInterval.TotalSeconds.ToString(CultureInfo.InvariantCulture)}s");
    }

    [Theory]
    [InlineData("echo 2 > \"$d/exit\"")]
    [InlineData("echo 2 > \"$d/exit\"; rm -f \"$d/lock\"")]
    [InlineData("head -c 100000 /dev/zero | tr '\\0' 7 > \"$d/exit\"")]
    [Trait("Invariant", "J11")]
    public async Task An_exit_code_that_a_job_writes_does_not_end_it(string forgery)
    {
        await using var bench = new DispatchBench(
            "d=${token%/token}; " + forgery + "; echo > \"$seen/forged\"; until [ -e \"$seen/go\" ]; do sleep 0.05; done; exit 0");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.SeenAsync("forged");
        var following = bench.Session.FollowAsync(DispatchBench.Id, null, None);
        await Task.Delay(500);

        following.IsCompleted.ShouldBeFalse();
        (await bench.Session.InspectAsync(None)).ShouldHaveSingleItem().Alive.ShouldBeTrue();
        await File.WriteAllTextAsync(Path.Combine(bench.Seen, "go"), "");
        (await following).ShouldSatisfyAllConditions(exit => exit.ExitCode.ShouldBe(0), exit => exit.Source.ShouldBe(ExitSource.File));
    }

    [Fact]
    [Trait("Invariant", "J12")]
    public async Task A_stopped_watch_keeps_nobody_from_looking_signalling_and_learning_of_the_end()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var bench = new DispatchBench("trap '' TERM; echo > \"$seen/up\"; while :; do sleep 0.05; done");
        await using var session = new ShellWorkerSession(new FjBellows.Sandbox.Local.LocalShell(bench.Root), bench.Setup, "w", time);
        await session.StartAsync(DispatchBench.Launch(), None);
        await bench.SeenAsync("up");
        var following = session.FollowAsync(DispatchBench.Id, static _ => { }, None);
        int[] watches = [];
        await DispatchBench.UntilAsync(() => (watches = Watches(bench.Root)).Length > 0, "the watch runs");
        foreach (var watch in watches)
        {
            using var stop = System.Diagnostics.Process.Start("/bin/kill", ["-STOP", watch.ToString(CultureInfo.InvariantCulture)]);
            await stop.WaitForExitAsync();
        }

        (await session.InspectAsync(None)).ShouldHaveSingleItem().Alive.ShouldBeTrue();
        (await session.SendSignalAsync(DispatchBench.Id, RunnerSignal.Terminate, None)).ShouldBeTrue();
        (await session.SendSignalAsync(DispatchBench.Id, RunnerSignal.Kill, None)).ShouldBeFalse();

        // Two looks, half a minute apart, find it ended.
        for (var round = 0; !following.IsCompleted; round++)
        {
            round.ShouldBeLessThan(400, "the end is noticed");
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.Delay(50);
        }

        (await following).ExitCode.ShouldBe(137);
    }

    /// <summary>Shells that wait for the end of a dispatch below a directory.</summary>
    private static int[] Watches(string root) =>
    [
        .. Directory.GetDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(pid => IsWatch(pid, root)),
    ];

    private static bool IsWatch(int pid, string root)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline") is var line
                && line.StartsWith($"/bin/sh\0-c\0jobs='{root}/", StringComparison.Ordinal)
                && line.Contains("verdict=", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
