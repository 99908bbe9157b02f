using FjBellows.Dispatch;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>What becomes of a dispatch when processes are killed, half-started or told to end.</summary>
public sealed class DispatchFaultTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    [Trait("Invariant", "W10")]
    public async Task A_runner_outlives_its_killed_keeper_and_still_counts_as_alive()
    {
        await using var bench = new DispatchBench("while [ ! -f \"$seen/go\" ]; do sleep 0.05; done; echo done");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.SeenAsync("pids");
        var lines = new List<string>();
        var following = bench.NewSession().FollowAsync(DispatchBench.Id, lines.Add, None);
        var (runner, keeper) = bench.Recorded();

        DispatchBench.Kill(keeper);

        await DispatchBench.UntilAsync(() => !DispatchBench.Lives(keeper), "the keeper lives on");
        (await bench.Session.InspectAsync(None)).ShouldBe([new RunnerProcess(DispatchBench.Id, Alive: true, ExitCode: null)]);
        following.IsCompleted.ShouldBeFalse();
        (await Should.ThrowAsync<SessionException>(() => bench.Session.CleanAsync(DispatchBench.Id, None))).Message
            .ShouldContain("still runs");
        DispatchBench.Lives(runner).ShouldBeTrue();

        await File.WriteAllTextAsync(Path.Combine(bench.Seen, "go"), "");
        (await following).ExitCode.ShouldBeNull();
        lines.ShouldContain("done");
        (await bench.Session.InspectAsync(None)).ShouldBe([new RunnerProcess(DispatchBench.Id, Alive: false, ExitCode: null)]);
    }

    [Fact]
    [Trait("Invariant", "J10")]
    public async Task A_killed_runner_leaves_an_exit_code_through_its_keeper()
    {
        await using var bench = new DispatchBench("exec sleep 60");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        var following = bench.Session.FollowAsync(DispatchBench.Id, null, None);
        await bench.SeenAsync("pids");

        DispatchBench.Kill(bench.Recorded().Runner);

        (await following).ExitCode.ShouldBe(137);
        (await bench.Session.InspectAsync(None)).ShouldBe([new RunnerProcess(DispatchBench.Id, Alive: false, ExitCode: 137)]);
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public async Task Terminate_lets_the_runner_end_in_order()
    {
        await using var bench = new DispatchBench("trap 'echo cleaning; exit 0' TERM; echo up; while :; do sleep 0.05; done");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        var up = new TaskCompletionSource();
        var lines = new List<string>();
        var following = bench.Session.FollowAsync(DispatchBench.Id, line =>
        {
            lines.Add(line); _ = line == "up" && up.TrySetResult();
        }, None);
        await up.Task.WaitAsync(TimeSpan.FromMinutes(2));

        await bench.Session.SignalAsync(DispatchBench.Id, RunnerSignal.Terminate, None);

        (await following).ExitCode.ShouldBe(0);
        lines[^1].ShouldBe("cleaning");
        await bench.Session.SignalAsync(DispatchBench.Id, RunnerSignal.Terminate, None);
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public async Task Kill_reaches_a_runner_that_ignores_TERM_and_every_child_of_it()
    {
        // One child in the runner's session, one that left it; both ignore TERM like their parent.
        await using var bench = new DispatchBench("""
            trap '' TERM
            sleep 300 & echo $! >> "$seen/children"
            setsid sh -c 'echo $$ >> "$0/children"; exec sleep 300' "$seen" &
            while :; do sleep 0.05; done
            """);
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        var following = bench.Session.FollowAsync(DispatchBench.Id, null, None);
        var children = Path.Combine(bench.Seen, "children");
        await DispatchBench.UntilAsync(
            () => File.Exists(children) && File.ReadAllLines(children).Length == 2, "the children did not start");
        var pids = File.ReadAllLines(children).Select(int.Parse).Concat(bench.RunnerPids()).ToArray();

        await bench.Session.SignalAsync(DispatchBench.Id, RunnerSignal.Terminate, None);
        pids.ShouldAllBe(pid => DispatchBench.Lives(pid));
        await bench.Session.SignalAsync(DispatchBench.Id, RunnerSignal.Kill, None);

        pids.ShouldAllBe(pid => !DispatchBench.Lives(pid));
        (await following).ExitCode.ShouldBe(137);
        await bench.Session.SignalAsync(DispatchBench.Id, RunnerSignal.Kill, None);
    }

    [Fact]
    [Trait("Invariant", "W10")]
    public async Task A_dispatch_whose_launch_died_half_way_is_not_alive_and_never_starts_later()
    {
        await using var bench = new DispatchBench();
        Directory.CreateDirectory(bench.DispatchFile("."));

        (await bench.Session.InspectAsync(None)).ShouldBe([new RunnerProcess(DispatchBench.Id, Alive: false, ExitCode: null)]);
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        (await bench.Session.FollowAsync(DispatchBench.Id, null, None)).ExitCode.ShouldBeNull();
        bench.RunnerPids().ShouldBeEmpty();

        await bench.Session.CleanAsync(DispatchBench.Id, None);
        (await bench.Session.InspectAsync(None)).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "W10")]
    public async Task A_keeper_that_comes_after_a_kill_starts_nothing()
    {
        await using var bench = new DispatchBench();
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.Session.FollowAsync(DispatchBench.Id, null, None);
        var run = await File.ReadAllTextAsync(bench.DispatchFile("run"));
        await bench.Session.CleanAsync(DispatchBench.Id, None);

        // As after a launch that stood still between its files and its keeper, while the daemon gave the dispatch up.
        Directory.CreateDirectory(bench.DispatchFile("."));
        await File.WriteAllTextAsync(bench.DispatchFile("run"), run);
        await bench.Session.SignalAsync(DispatchBench.Id, RunnerSignal.Kill, None);
        (await bench.Session.ExecAsync($"sh '{bench.DispatchFile("run")}' keeper", None)).ExitCode.ShouldBe(0);

        bench.RunnerPids().Length.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public async Task A_pid_that_belongs_to_another_process_by_now_is_not_the_runner()
    {
        await using var bench = new DispatchBench("exec sleep 60");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.SeenAsync("pids");
        var words = (await File.ReadAllTextAsync(bench.DispatchFile("pid"))).Split(' ');
        var (runner, keeper) = bench.Recorded();
        using var stranger = System.Diagnostics.Process.Start("sleep", "60");

        words[0] = words[2] = $"{stranger.Id}";
        await File.WriteAllTextAsync(bench.DispatchFile("pid"), string.Join(' ', words));
        DispatchBench.Kill(keeper);

        (await bench.Session.InspectAsync(None)).ShouldBe([new RunnerProcess(DispatchBench.Id, Alive: false, ExitCode: null)]);
        (await bench.Session.FollowAsync(DispatchBench.Id, null, None)).ExitCode.ShouldBeNull();
        await bench.Session.SignalAsync(DispatchBench.Id, RunnerSignal.Kill, None);
        stranger.HasExited.ShouldBeFalse();
        DispatchBench.Lives(runner).ShouldBeFalse("the mark in its environment tells whose it is");
        stranger.Kill();
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public async Task A_record_of_an_earlier_boot_is_not_alive()
    {
        await using var bench = new DispatchBench("exec sleep 60");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.SeenAsync("pids");
        var words = (await File.ReadAllTextAsync(bench.DispatchFile("pid"))).Trim().Split(' ');
        words[^1] = "00000000-0000-0000-0000-000000000000";
        await File.WriteAllTextAsync(bench.DispatchFile("pid"), string.Join(' ', words) + "\n");

        (await bench.Session.InspectAsync(None)).ShouldBe([new RunnerProcess(DispatchBench.Id, Alive: false, ExitCode: null)]);
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task A_launch_whose_input_is_cut_short_leaves_nothing_under_its_name()
    {
        await using var bench = new DispatchBench();
        var (command, input) = new DispatchScripts(bench.Setup).Launch(DispatchBench.Launch());
        await using var shell = new FjBellows.Sandbox.Local.LocalShell(bench.Root);

        foreach (var arrived in new[] { 0, 20, DispatchBench.Token.Length, DispatchBench.Token.Length + 1, input.Reveal().Length - 1 })
        {
            var result = await shell.RunAsync(command, new Secret(input.Reveal()[..arrived]), None);

            result.ExitCode.ShouldBe(1);
            result.Error.ShouldContain("did not arrive whole");
            Directory.Exists(bench.Setup.JobsDirectory).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Clean_removes_workspace_and_leftover_processes_and_is_harmless_to_repeat()
    {
        await using var bench = new DispatchBench("""
            mkdir -p deep/er; touch deep/er/file; chmod a-w deep/er deep
            setsid sh -c 'echo $$ > "$0/daemon"; exec sleep 300' "$seen" > /dev/null 2>&1 &
            while [ ! -s "$seen/daemon" ]; do sleep 0.01; done
            """);
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        (await bench.Session.FollowAsync(DispatchBench.Id, null, None)).ExitCode.ShouldBe(0);
        var left = int.Parse(await bench.SeenAsync("daemon"));

        await bench.Session.CleanAsync(DispatchBench.Id, None);
        await bench.Session.CleanAsync(DispatchBench.Id, None);

        DispatchBench.Lives(left).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(bench.Setup.JobsDirectory).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(bench.Setup.WorkDirectory).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_long_log_arrives_whole_with_bounded_lines_and_a_bounded_tail()
    {
        await using var bench = new DispatchBench("""
            i=0; while [ $i -lt 20000 ]; do echo "line $i of a log that is longer than any buffer between here and there"; i=$((i+1)); done
            head -c 100000 /dev/zero | tr '\0' x; echo; echo last
            """);
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        var lines = new List<string>();

        var exit = await bench.Session.FollowAsync(DispatchBench.Id, lines.Add, None);

        exit.ExitCode.ShouldBe(0, exit.LogTail);
        lines.Count(line => line.StartsWith("line ", StringComparison.Ordinal)).ShouldBe(20000);
        lines[^1].ShouldBe("last");
        lines[^2].Length.ShouldBeLessThanOrEqualTo(16 * 1024 + 1);
        exit.LogTail.Length.ShouldBeLessThanOrEqualTo(4 * 1024);
        exit.LogTail.ShouldEndWith("last");
    }
}
