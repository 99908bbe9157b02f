using System.Collections.Concurrent;
using System.Text;
using FjBellows.Dispatch;

namespace FjBellows.Integration.Tests.Ssh;

[Needs(Part.Sshd)]
public class DispatchTests
{
    [Fact]
    [Trait("Invariant", "W14")]
    [Trait("Invariant", "J7")]
    [Trait("Invariant", "J10")]
    public async Task A_job_outlives_its_session_and_is_followed_to_its_end_from_a_new_one()
    {
        await using var bench = await SshBench.StartAsync();
        var dispatch = new DispatchId("w-1-1");
        await using (var first = await bench.ConnectAsync())
        {
            await first.StartAsync(SshBench.Launch("w-1-1"), default);
            var lost = first.FollowAsync(dispatch, null, default);
            await bench.Host.SignalAsync("KILL", sessionsOnly: true);
            (await Should.ThrowAsync<SessionException>(() => lost.WaitAsync(TimeSpan.FromMinutes(2)))).Kind
                .ShouldBe(SessionErrorKind.Unreachable);
        }

        await using var second = await bench.ConnectAsync();
        (await second.InspectAsync(default)).ShouldBe([new RunnerProcess(dispatch, true, null)]);
        await second.StartAsync(SshBench.Launch("w-1-1"), default);
        var lines = new ConcurrentQueue<string>();
        var end = second.FollowAsync(dispatch, lines.Enqueue, default);
        bench.Finish(2);

        (await end.WaitAsync(TimeSpan.FromMinutes(2))).ExitCode.ShouldBe(2);
        lines.ShouldBe(["runner is up", "runner ends"]);
        File.ReadAllLines(Path.Combine(bench.Host.Directory, "starts")).Length.ShouldBe(1, "started exactly once");
        (await second.InspectAsync(default)).ShouldBe([new RunnerProcess(dispatch, false, 2)]);
        await second.CleanAsync(dispatch, default);
        (await second.InspectAsync(default)).ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public async Task A_log_goes_on_after_the_lines_that_were_taken()
    {
        await using var bench = await SshBench.StartAsync();
        var dispatch = new DispatchId("w-1-1");
        var heard = new ConcurrentQueue<string>();
        var log = new RunnerLog(heard.Enqueue);
        await using (var first = await bench.ConnectAsync())
        {
            await first.StartAsync(SshBench.Launch("w-1-1"), default);
        }

        var file = Path.Combine(bench.Host.Directory, "jobs", "w-1-1", "log");
        await SshBench.UntilAsync(
            () => File.Exists(file) && File.ReadAllText(file).Contains("runner is up", StringComparison.Ordinal), "the runner speaks");
        for (var round = 1; round <= 3; round++)
        {
            await using var session = await bench.ConnectAsync();
            using var cut = new CancellationTokenSource();
            var watch = session.FollowAsync(dispatch, log, cut.Token);
            await File.AppendAllTextAsync(file, $"round {round}, one\nround {round}, two\nhalf of {round}");
            await SshBench.UntilAsync(() => heard.Contains($"round {round}, two"), "the lines are heard");
            await cut.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => watch);
            await File.AppendAllTextAsync(file, $" and the rest of {round}\n");
        }

        bench.Finish(0);
        await using var last = await bench.ConnectAsync();
        var end = await last.FollowAsync(dispatch, log, default).WaitAsync(TimeSpan.FromMinutes(2));

        heard.Where(line => !line.StartsWith("half", StringComparison.Ordinal)).ShouldBe([
            "runner is up", .. Enumerable.Range(1, 3).SelectMany(r => new[] { $"round {r}, one", $"round {r}, two" }), "runner ends"]);
        heard.Count(line => line.EndsWith("the rest of 3", StringComparison.Ordinal)).ShouldBe(1);
        end.ExitCode.ShouldBe(0);
        end.LogTail.ShouldContain("round 1, one");
        end.LogTail.ShouldEndWith("runner ends");
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task The_token_arrives_and_is_seen_in_no_argument_and_no_environment()
    {
        const string token = "0123456789abcdef0123456789abcdef01234567";
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        await session.StartAsync(SshBench.Launch("w-1-1", token), default);

        await SshBench.UntilAsync(() => Directory.GetFiles(bench.Host.Directory, "starts").Length > 0, "the runner has started");

        File.ReadAllText(Directory.GetFiles(bench.Host.Directory, "token.*").Single()).ShouldBe(token);
        foreach (var file in Directory.GetFiles(bench.Host.Directory, "args.*")
            .Concat(Directory.GetFiles(bench.Host.Directory, "environ.*")))
        {
            File.ReadAllText(file).ShouldNotContain(token);
        }

        foreach (var process in Directory.GetDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            TryRead(Path.Combine(process, "cmdline")).ShouldNotContain(token);
            TryRead(Path.Combine(process, "environ")).ShouldNotContain(token);
        }

        bench.Finish(0);
        await session.FollowAsync(new DispatchId("w-1-1"), null, default);
        Directory.EnumerateFiles(Path.Combine(bench.Host.Directory, "jobs"), "*", SearchOption.AllDirectories)
            .ShouldAllBe(file => !File.ReadAllText(file).Contains(token));
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public async Task A_job_that_is_to_end_ends()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        await session.StartAsync(SshBench.Launch("w-1-1"), default);
        await session.StartAsync(SshBench.Launch("w-1-2"), default);

        await session.SignalAsync(new DispatchId("w-1-1"), RunnerSignal.Terminate, default);
        await session.SignalAsync(new DispatchId("w-1-2"), RunnerSignal.Kill, default);

        (await session.FollowAsync(new DispatchId("w-1-1"), null, default).WaitAsync(TimeSpan.FromMinutes(2))).ExitCode.ShouldBe(143);
        (await session.FollowAsync(new DispatchId("w-1-2"), null, default).WaitAsync(TimeSpan.FromMinutes(2))).ExitCode.ShouldBe(137);
    }

    [Fact]
    [Trait("Invariant", "W10")]
    public async Task A_worker_tells_whether_it_is_truly_idle()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        (await session.InspectAsync(default)).ShouldBeEmpty();

        await session.StartAsync(SshBench.Launch("w-1-1"), default);
        (await session.InspectAsync(default)).ShouldHaveSingleItem().Alive.ShouldBeTrue();

        bench.Finish(0);
        await session.FollowAsync(new DispatchId("w-1-1"), null, default);
        (await session.InspectAsync(default)).ShouldBe([new RunnerProcess(new DispatchId("w-1-1"), false, 0)]);
    }

    [Fact]
    [Trait("Invariant", "S5")]
    public async Task Ten_thousand_strings_of_any_bytes_arrive_as_the_same_arguments()
    {
        const int batches = 20;
        const int perBatch = 500;
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();
        bench.Finish(0);
        var random = new Random(20260401);

        for (var batch = 0; batch < batches; batch++)
        {
            var values = Enumerable.Range(0, perBatch).Select(_ => Hostile(random)).ToArray();
            var id = $"w-1-{batch}";
            await session.StartAsync(new JobLaunch(new DispatchId(id), values[0], new Secret("t"), values[2..], values[1]), default);
            await session.FollowAsync(new DispatchId(id), null, default);

            var file = Directory.GetFiles(bench.Host.Directory, "args.*").Single();
            var arguments = Encoding.UTF8.GetString(await File.ReadAllBytesAsync(file)).Split('\0')[..^1];
            File.Delete(file);

            After("--uuid").ShouldBe([values[0]]);
            After("--handle").ShouldBe([values[1]]);
            After("--label").ShouldBe(values[2..]);
            arguments.Length.ShouldBe(1 + 2 * (3 + perBatch));

            string[] After(string flag) =>
                arguments.Index().Where(a => a.Index % 2 == 1 && a.Item == flag).Select(a => arguments[a.Index + 1]).ToArray();
        }
    }

    /// <summary>Any valid UTF-8 but NUL, with a preference for what shells and printf care about.</summary>
    private static string Hostile(Random random)
    {
        const string special = "'\"\\$`\n\r\t !*?[]{}()<>|&;#~%^=-\u0001\u001b\u007f\\c\\0";
        var text = new StringBuilder();
        for (var length = random.Next(1, 24); length > 0; length--)
        {
            if (random.Next(2) == 0)
            {
                text.Append(special[random.Next(special.Length)]);
                continue;
            }

            int rune;
            do
            {
                rune = random.Next(3) == 0 ? random.Next(1, 0x110000) : random.Next(1, 0x250);
            }
            while (!Rune.IsValid(rune));
            text.Append(new Rune(rune).ToString());
        }

        return text.ToString();
    }

    private static string TryRead(string path)
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
