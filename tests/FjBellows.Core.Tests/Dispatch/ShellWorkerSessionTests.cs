using FjBellows.Dispatch;

namespace FjBellows.Tests.Dispatch;

/// <summary>What a session makes of a worker's answers, whatever they are.</summary>
public sealed class ShellWorkerSessionTests
{
    private static readonly DispatchId Id = new("w-1");
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [InlineData("fj-bellows-exit 2", 2)]
    [InlineData("fj-bellows-exit -", null)]
    [InlineData("fj-bellows-exit 2 file", 2)]
    public async Task The_verdict_is_the_last_line(string verdict, int? code)
    {
        await using var session = Session(new FakeShell { Lines = ["fj-bellows-exit 0", "out", verdict] });
        var lines = new List<string>();

        (await session.FollowAsync(Id, lines.Add, None)).ShouldBe(new JobExit(code, "fj-bellows-exit 0\nout"));
        lines.ShouldBe(["fj-bellows-exit 0", "out"]);
    }

    [Fact]
    public async Task A_watch_that_ends_without_a_verdict_is_a_broken_link_not_an_end()
    {
        await using var session = Session(new FakeShell { Lines = ["out"], Exit = null });

        (await Should.ThrowAsync<SessionException>(() => session.FollowAsync(Id, null, None))).Kind.ShouldBe(SessionErrorKind.Unreachable);
    }

    [Theory]
    [InlineData("fj-bellows-exit 0", null)]
    [InlineData("fj-bellows-exit 0", 137)]
    [InlineData("fj-bellows-exit 12345", 0)]
    [InlineData("fj-bellows-exit +1", 0)]
    [Trait("Invariant", "J11")]
    public async Task A_verdict_counts_only_from_a_watch_that_ended_by_itself(string line, int? exit)
    {
        await using var session = Session(new FakeShell { Lines = ["out", line], Exit = exit });

        (await Should.ThrowAsync<SessionException>(() => session.FollowAsync(Id, null, None))).Kind.ShouldBe(SessionErrorKind.Unreachable);
    }

    [Fact]
    public async Task What_the_service_manager_vouches_for_is_told_from_what_a_file_says()
    {
        await using var session = Session(
            new FakeShell
            {
                Lines = ["fj-bellows-exit 1 unit"],
                Result = new CommandResult(
                0, "dispatch w-1 0 1 unit\ndispatch w-2 1 - file\n", "")
            });

        (await session.FollowAsync(Id, null, None)).Source.ShouldBe(ExitSource.Unit);
        (await session.InspectAsync(None)).ShouldBe(
            [new RunnerProcess(Id, false, 1) { Source = ExitSource.Unit }, new RunnerProcess(new DispatchId("w-2"), true, null)]);
    }

    [Theory]
    [InlineData("alive\n", true)]
    [InlineData("gone\n", false)]
    [Trait("Invariant", "J12")]
    public async Task A_signal_s_answer_says_whether_the_process_is_there(string answer, bool alive)
    {
        await using var session = Session(new FakeShell { Result = new CommandResult(0, answer, "") });

        (await session.SendSignalAsync(Id, RunnerSignal.Kill, None)).ShouldBe(alive);
    }

    [Theory]
    [InlineData("ready\ndisk 2048 ok\nv12\n", 2048L * 1024, false, "v12")]
    [InlineData("wait\ndisk 10 low\nonly 0 MiB\n", 10L * 1024, true, "only 0 MiB")]
    [InlineData("ready\ndisk much ok\n", null, false, "disk much ok")]
    [Trait("Invariant", "W21")]
    public async Task Free_disk_is_part_of_readiness(string output, long? free, bool low, string detail)
    {
        await using var session = Session(new FakeShell { Result = new CommandResult(0, output, "") });

        var ready = await session.CheckReadyAsync(None);

        (ready.FreeDisk, ready.LowDisk, ready.Detail).ShouldBe((free, low, detail));
        (ready.Ready && ready.LowDisk).ShouldBeFalse();
    }

    [Fact]
    [Trait("Invariant", "S11")]
    public async Task What_a_worker_says_is_cut_where_it_becomes_a_message()
    {
        var flood = new string('x', 1 << 20);
        await using var session = Session(new FakeShell { Result = new CommandResult(1, flood, flood) });
        (await Should.ThrowAsync<SessionException>(() => session.CleanAsync(Id, None))).Message.Length.ShouldBeLessThan(5000);

        await using var ready = Session(new FakeShell { Result = new CommandResult(0, "wait\n" + flood, "") });
        (await ready.CheckReadyAsync(None)).Detail.Length.ShouldBeLessThan(5000);
    }

    [Fact]
    [Trait("Invariant", "S11")]
    public void A_flood_of_lines_is_dropped_counted_and_reported_and_its_tail_is_kept()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var heard = new List<string>();
        var log = new RunnerLog(heard.Add, time: time);
        var follower = log.Attach();
        for (var i = 0; i < 100_000; i++)
        {
            follower.Take($"line {i}");
        }

        heard.Count.ShouldBe(25_000);
        log.Dropped.ShouldBe(75_000);
        log.Tail.ShouldEndWith("line 99999");
        time.Advance(TimeSpan.FromSeconds(1));
        follower.Take("after");
        heard.Skip(25_000).ShouldBe(["… 75000 lines dropped: the job's log is faster than 2000 lines a second", "after"]);
    }

    [Fact]
    public async Task A_watch_that_is_taken_up_again_begins_with_the_last_line_and_hears_none_twice()
    {
        var shell = new FakeShell { Lines = ["one", "two", "thr"] };
        await using var session = Session(shell);
        var heard = new List<string>();
        var log = new RunnerLog(heard.Add);
        await Should.ThrowAsync<SessionException>(() => session.FollowAsync(Id, log, None));
        shell.Command.ShouldContain("\nfrom='1'\n");

        // The link broke in the middle of the third line.
        shell.Lines = ["three", "four"];
        await Should.ThrowAsync<SessionException>(() => session.FollowAsync(Id, log, None));
        shell.Command.ShouldContain("\nfrom='3'\n");
        shell.Lines = ["four", "five", "fj-bellows-exit 0"];
        (await session.FollowAsync(Id, log, None)).ShouldBe(new JobExit(0, "one\ntwo\nthr\nthree\nfour\nfive"));
        shell.Command.ShouldContain("\nfrom='4'\n");
        shell.Lines = ["five", "fj-bellows-exit 0"];
        (await session.FollowAsync(Id, log, None)).ExitCode.ShouldBe(0);

        heard.ShouldBe(["one", "two", "thr", "three", "four", "five"]);
    }

    [Fact]
    public async Task A_line_that_comes_in_pieces_costs_no_other_line()
    {
        var piece = new string('x', 64 * 1024);
        var shell = new FakeShell { Lines = [piece, piece, "end of it", "next"] };
        await using var session = Session(shell);
        var heard = new List<string>();
        var log = new RunnerLog(heard.Add);
        await Should.ThrowAsync<SessionException>(() => session.FollowAsync(Id, log, None));

        shell.Lines = ["next", "last", "fj-bellows-exit 0"];
        await session.FollowAsync(Id, log, None);

        shell.Command.ShouldContain("\nfrom='2'\n");
        heard.Skip(2).ShouldBe(["end of it", "next", "last"]);
    }

    [Fact]
    public void What_an_earlier_watch_still_brings_is_not_heard_and_has_its_own_verdict()
    {
        var heard = new List<string>();
        var log = new RunnerLog(heard.Add);
        var earlier = log.Attach();
        earlier.Take("one");
        var later = log.Attach();
        later.Take("one");
        later.Take("two");

        earlier.Take("two");
        earlier.Take("fj-bellows-exit 1");

        heard.ShouldBe(["one", "two"]);
        earlier.Verdict.ShouldBe("1");
        later.Verdict.ShouldBeNull();
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task A_failed_launch_never_tells_the_token()
    {
        await using var session = Session(new FakeShell { Result = new CommandResult(1, "", "sh: cannot run hush-hush\nno space left") });
        var launch = new JobLaunch(Id, "u", new Secret("hush-hush"), ["a:host"], "");

        var failure = await Should.ThrowAsync<SessionException>(() => session.StartAsync(launch, None));

        failure.Kind.ShouldBe(SessionErrorKind.LaunchFailed);
        failure.ToString().ShouldNotContain("hush-hush");
        failure.Message.ShouldContain("no space left");
    }

    [Fact]
    public async Task A_dispatch_takes_one_round_trip()
    {
        var shell = new FakeShell { Result = new CommandResult(0, "started\n", "") };
        await using var session = Session(shell);

        await session.StartAsync(new JobLaunch(Id, "u", new Secret("t"), ["a:host"], "h"), None);

        shell.Calls.ShouldBe(1);
    }

    [Fact]
    public async Task Dispatches_are_read_line_by_line_and_nonsense_is_an_error()
    {
        await using var session = Session(new FakeShell { Result = new CommandResult(0, "dispatch w-1 1 -\ndispatch w-2 0 2\n", "") });
        (await session.InspectAsync(None))
            .ShouldBe([new RunnerProcess(Id, true, null), new RunnerProcess(new DispatchId("w-2"), false, 2)]);

        await using var odd = Session(new FakeShell { Result = new CommandResult(0, "Last login: Tue\n", "") });
        (await Should.ThrowAsync<SessionException>(() => odd.InspectAsync(None))).Kind.ShouldBe(SessionErrorKind.CommandFailed);
    }

    [Theory]
    [Trait("Invariant", "W4")]
    [InlineData("ready\nv12\n", true, false, "v12")]
    [InlineData("wait\nno report\n", false, false, "no report")]
    [InlineData("failed\nE: gone\n", false, true, "E: gone")]
    public async Task Readiness_is_the_first_word(string output, bool ready, bool failed, string detail)
    {
        await using var session = Session(new FakeShell { Result = new CommandResult(0, output, "") });

        (await session.CheckReadyAsync(None)).ShouldBe(new Readiness(ready, failed, detail));
    }

    [Fact]
    public async Task An_operators_command_is_bounded()
    {
        await using var session = Session(new FakeShell());

        (await Should.ThrowAsync<SessionException>(() => session.ExecAsync(new string('x', 64 * 1024 + 1), None)))
            .Kind.ShouldBe(SessionErrorKind.Misconfigured);
        (await session.ExecAsync("true", None)).ExitCode.ShouldBe(0);
    }

    [Fact]
    public void A_setup_that_cannot_work_is_refused_at_once() =>
        Should.Throw<SessionException>(() => new ShellWorkerSession(new FakeShell(), Setup with { RunnerCommand = [] }, "w"))
            .Kind.ShouldBe(SessionErrorKind.Misconfigured);

    [Fact]
    public void The_tail_is_bounded_in_bytes_and_never_splits_a_character()
    {
        var log = new RunnerLog(null);
        var follower = log.Attach();
        for (var i = 0; i < 1000; i++)
        {
            follower.Take(new string('ß', 3000) + i);
        }

        System.Text.Encoding.UTF8.GetByteCount(log.Tail).ShouldBeLessThanOrEqualTo(4096);
        log.Tail.ShouldEndWith("ß999");
        log.Tail.ShouldNotContain("\ufffd");
    }

    private static readonly RunnerSetup Setup = new()
    {
        ForgejoUrl = "https://forge.test/",
        RunnerCommand = ["forgejo-runner"],
        JobsDirectory = "/run/jobs",
        WorkDirectory = "/var/jobs",
    };

    private static ShellWorkerSession Session(FakeShell shell) => new(shell, Setup, "w");

    private sealed class FakeShell : IWorkerShell
    {
        public CommandResult Result { get; init; } = new(0, "", "");

        public string[] Lines { get; set; } = [];

        public string Command { get; private set; } = "";

        public int? Exit { get; init; } = 0;

        public int Calls { get; private set; }

        public Task<string> Lost { get; } = new TaskCompletionSource<string>().Task;

        public string? HostKey => null;

        public Task<CommandResult> RunAsync(string command, Secret input, CancellationToken cancellationToken)
        {
            Calls++;
            return Task.FromResult(Result);
        }

        public Task<int?> StreamAsync(string command, Action<string> line, CancellationToken cancellationToken)
        {
            Command = "\n" + command;
            foreach (var text in Lines)
            {
                line(text);
            }

            return Task.FromResult(Exit);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
