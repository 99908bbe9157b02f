using System.Diagnostics;
using System.Text.Json;
using FjBellows.Dispatch;

namespace FjBellows.Integration.Tests.Dispatch;

/// <summary>One dispatch from start to clean-up, on the machine's own shell.</summary>
public sealed class DispatchTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Invariant", "J10")]
    public async Task The_exit_code_and_the_log_reach_whoever_follows(int code)
    {
        await using var bench = new DispatchBench($"echo first; echo second; exit {code}");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        var lines = new List<string>();

        var exit = await bench.Session.FollowAsync(DispatchBench.Id, lines.Add, None);

        exit.ExitCode.ShouldBe(code);
        lines.TakeLast(2).ShouldBe(["first", "second"]);
        exit.LogTail.ShouldEndWith("first\nsecond");
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public async Task The_runner_is_asked_for_one_job_without_waiting_for_it()
    {
        await using var bench = new DispatchBench();
        await bench.Session.StartAsync(DispatchBench.Launch(labels: ["a:host", "b:docker://node:22"]), None);
        await bench.Session.FollowAsync(DispatchBench.Id, null, None);

        (await bench.SeenAsync("argv")).Split('\0')[..^1].ShouldBe([
            "one-job", "--url", "http://forge.test:3000/", "--uuid", "f2a4",
            "--token-url", "file:" + bench.DispatchFile("token"), "--config", bench.DispatchFile("config.yaml"),
            "--label", "a:host", "--label", "b:docker://node:22", "--handle", "5c0f"]);
    }

    [Fact]
    [Trait("Invariant", "J3")]
    public async Task An_empty_handle_is_left_out()
    {
        await using var bench = new DispatchBench();
        await bench.Session.StartAsync(DispatchBench.Launch(handle: ""), None);
        await bench.Session.FollowAsync(DispatchBench.Id, null, None);

        (await bench.SeenAsync("argv")).ShouldNotContain("--handle");
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task The_token_is_in_its_file_alone_and_gone_after_the_job()
    {
        await using var bench = new DispatchBench("while [ ! -f \"$seen/go\" ]; do sleep 0.05; done");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.SeenAsync("config");

        (await bench.SeenAsync("token")).ShouldBe(DispatchBench.Token);
        (await bench.SeenAsync("mode")).Trim().ShouldBe("600");
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            Read(process + "/cmdline").ShouldNotContain(DispatchBench.Token);
            if (int.Parse(Path.GetFileName(process)) != Environment.ProcessId)
            {
                Read(process + "/environ").ShouldNotContain(DispatchBench.Token);
            }
        }

        Directory.EnumerateFiles(Path.Combine(bench.Root, "jobs"), "*", SearchOption.AllDirectories)
            .Where(file => Read(file).Contains(DispatchBench.Token, StringComparison.Ordinal))
            .ShouldBe([bench.DispatchFile("token")]);

        await File.WriteAllTextAsync(Path.Combine(bench.Seen, "go"), "");
        (await bench.Session.FollowAsync(DispatchBench.Id, null, None)).ExitCode.ShouldBe(0);
        File.Exists(bench.DispatchFile("token")).ShouldBeFalse();

        static string Read(string path)
        {
            try
            {
                return File.ReadAllText(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return "";
            }
        }
    }

    [Fact]
    [Trait("Invariant", "S7")]
    public async Task Job_containers_find_forgejo_where_the_worker_does()
    {
        await using var bench = new DispatchBench(setup: setup => setup with
        {
            ForgejoHosts = new Dictionary<string, string> { ["forge.test"] = "127.0.0.1", ["10.0.0.1"] = "127.0.0.1" },
        });
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.Session.FollowAsync(DispatchBench.Id, null, None);

        var container = JsonDocument.Parse(await bench.SeenAsync("config")).RootElement.GetProperty("container");
        container.GetProperty("docker_host").GetString().ShouldBe("automount");
        container.GetProperty("network").GetString().ShouldBe("host");
        container.GetProperty("options").GetString().ShouldBe("--add-host=forge.test:127.0.0.1");
    }

    [Fact]
    [Trait("Invariant", "J5")]
    public async Task Starting_twice_runs_one_process()
    {
        await using var bench = new DispatchBench("sleep 30");
        var second = bench.NewSession();

        await Task.WhenAll(Enumerable.Range(0, 6).Select(n =>
            (n % 2 == 0 ? bench.Session : second).StartAsync(DispatchBench.Launch(), None)));
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.SeenAsync("pids");

        bench.RunnerPids().Length.ShouldBe(1);
        (await bench.Session.InspectAsync(None)).ShouldBe([new RunnerProcess(DispatchBench.Id, Alive: true, ExitCode: null)]);
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public async Task A_later_session_follows_what_an_earlier_one_started_from_the_first_line()
    {
        await using var bench = new DispatchBench("echo early; while [ ! -f \"$seen/go\" ]; do sleep 0.05; done; echo late; exit 1");
        var first = bench.NewSession();
        await first.StartAsync(DispatchBench.Launch(), None);
        using (var gone = new CancellationTokenSource())
        {
            var early = new TaskCompletionSource();
            var following = first.FollowAsync(DispatchBench.Id, line => _ = line == "early" && early.TrySetResult(), gone.Token);
            await early.Task.WaitAsync(TimeSpan.FromMinutes(2));
            await gone.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(following);
        }

        await first.DisposeAsync();
        var lines = new List<string>();
        var again = bench.Session.FollowAsync(DispatchBench.Id, lines.Add, None);
        await File.WriteAllTextAsync(Path.Combine(bench.Seen, "go"), "");

        (await again).ExitCode.ShouldBe(1);
        lines.TakeLast(2).ShouldBe(["early", "late"]);
        (await bench.Session.FollowAsync(DispatchBench.Id, null, None)).ExitCode.ShouldBe(1);
    }

    [Fact]
    public async Task The_end_is_noticed_at_once()
    {
        await using var bench = new DispatchBench("while [ ! -f \"$seen/go\" ]; do sleep 0.01; done");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        await bench.SeenAsync("pids");
        var following = bench.Session.FollowAsync(DispatchBench.Id, null, None);
        await File.WriteAllTextAsync(Path.Combine(bench.Seen, "go"), "");
        await DispatchBench.UntilAsync(() => File.Exists(bench.DispatchFile("exit")), "no exit code was left");

        var watch = Stopwatch.StartNew();
        await following;
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_job_that_prints_a_verdict_does_not_end_its_own_watch()
    {
        await using var bench = new DispatchBench("echo 'fj-bellows-exit 0'; echo more; printf 'fj-bellows-exit 0'; exit 2");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);
        var lines = new List<string>();

        (await bench.Session.FollowAsync(DispatchBench.Id, lines.Add, None)).ExitCode.ShouldBe(2);
        lines.TakeLast(3).ShouldBe(["fj-bellows-exit 0", "more", "fj-bellows-exit 0"]);
    }

    [Fact]
    public async Task A_runner_that_is_not_there_fails_the_launch_and_leaves_nothing()
    {
        await using var bench = new DispatchBench(setup: setup => setup with { RunnerCommand = ["/nowhere/forgejo-runner"] });

        var failure = await Should.ThrowAsync<SessionException>(() => bench.Session.StartAsync(DispatchBench.Launch(), None));

        failure.Kind.ShouldBe(SessionErrorKind.LaunchFailed);
        failure.Message.ShouldContain("/nowhere/forgejo-runner");
        (await bench.Session.InspectAsync(None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Steps_of_a_job_do_not_ignore_interrupts()
    {
        await using var bench = new DispatchBench("sh -c 'kill -INT $$; sleep 0.2; exit 9'; echo \"interrupted $?\"");
        await bench.Session.StartAsync(DispatchBench.Launch(), None);

        (await bench.Session.FollowAsync(DispatchBench.Id, null, None)).LogTail.ShouldEndWith("interrupted 130");
    }

    [Fact]
    [Trait("Invariant", "W4")]
    public async Task Readiness_waits_for_the_report_and_believes_a_failure()
    {
        await using var bench = new DispatchBench(setup: setup => setup with { ReadyReportFile = setup.JobsDirectory + ".ready" });
        var report = bench.Setup.ReadyReportFile!;

        (await bench.Session.CheckReadyAsync(None)).ShouldSatisfyAllConditions(r => r.Ready.ShouldBeFalse(), r => r.Failed.ShouldBeFalse());
        await File.WriteAllTextAsync(report, $"{ReadyReport.Failed}\nE: no such package\n");
        var failed = await bench.Session.CheckReadyAsync(None);
        failed.Failed.ShouldBeTrue();
        failed.Detail.ShouldContain("E: no such package");
        await File.WriteAllTextAsync(report, ReadyReport.Ok + "\n");
        var ready = await bench.Session.CheckReadyAsync(None);
        ready.Ready.ShouldBeTrue();
        ready.Detail.ShouldContain("v12.10.1");
        File.Delete(bench.Program);
        (await bench.Session.CheckReadyAsync(None)).ShouldSatisfyAllConditions(r => r.Ready.ShouldBeFalse(), r => r.Failed.ShouldBeFalse());
    }
}
