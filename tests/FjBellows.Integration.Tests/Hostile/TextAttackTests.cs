using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Hosting;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Integration.Tests.Forgejo;
using FjBellows.Pool;
using FjBellows.Workers;
using static FjBellows.Integration.Tests.Control.ControlScene;

namespace FjBellows.Integration.Tests.Hostile;

/// <summary>Names and lines that forge a line of the log, drive the terminal, or turn the reading direction (invariant S10).</summary>
[Trait("Invariant", "S10")]
public sealed class TextAttackTests
{
    private const string ClipboardWrite = "\u001b]52;c;cm0gLXJmIC8=\u0007";
    private const string Forged = "build\n2026-03-02 12:00:00 INFO control: root (0), process 1: delete --force ci-a: done";
    private const string Turned = "deploy \u202Egnitset rof\u202C";

    [Theory]
    [InlineData(ClipboardWrite)]
    [InlineData(Forged)]
    [InlineData(Turned)]
    [InlineData("clear\u001b[2J\u009b2Jscreen")]
    public async Task No_command_lets_it_reach_the_terminal(string hostile)
    {
        await using var scene = await StartAsync();
        scene.Pool.Status = scene.Pool.Status! with
        {
            Workers = [Worker("ci-a", WorkerPhase.Busy, Assigned("ci-a", 17) with { Job = Job(17, hostile) }) with { Why = hostile }],
            Waiting = [new JobWait(Job(18, hostile), Noon.AddSeconds(-30), new WaitReason.Paused(hostile))],
            PausedBy = hostile,
            Hold = new ProvisioningHold.RegistrationRefused(hostile),
        };
        scene.Feed.Notices.Add(new PoolNotice("default", Noon, NoticeKind.Warning, hostile, "ci-a", 18));
        scene.Feed.Lines.Add(new FjBellows.Daemon.Control.Events.JobLine(Noon, "default", "ci-a", "ci-a-1", 17, hostile));

        foreach (var args in (string[][])[
            ["status"], ["workers"], ["jobs"], ["explain", "18"], ["explain", "ci-a"], ["events"], ["logs", "17"], ["top"],
            ["jobs", "--json"], ["events", "--json"]])
        {
            using var output = new StringWriter();
            using var error = new StringWriter();
            await CommandLine.InvokeAsync([.. args, "-control-listen", scene.Url.AbsoluteUri], output, error);

            var shown = output.ToString() + error;
            shown.Any(c => char.IsControl(c) && c != '\n' && c != '\r').ShouldBeFalse($"{args[0]}: {shown}");
            shown.ShouldNotContain('\u202E', $"{args[0]}");
            shown.Split('\n').ShouldAllBe(line => !line.StartsWith("2026-03-02 12:00:00 INFO", StringComparison.Ordinal), args[0]);
        }
    }

    [Fact]
    public async Task A_caller_cannot_forge_a_line_of_the_audit_log()
    {
        using var console = new StringWriter();
        using (var log = DaemonLog.Configure("human", "info", console))
        {
            log.Information("control: {Caller}: {Deed}: {Outcome}", "10.0.0.1", "delete " + Forged, ClipboardWrite + Turned);
        }

        console.ToString().TrimEnd('\n').Split('\n').ShouldHaveSingleItem().Any(c => char.IsControl(c) || c == '\u202E').ShouldBeFalse();
        await Task.CompletedTask;
    }

    /// <summary>A whole daemon, whose Forgejo lists a job with a hostile name and answers with hostile errors.</summary>
    [Fact]
    public async Task A_hostile_forgejo_cannot_forge_a_line_of_the_daemons_log()
    {
        await using var forgejo =
            await CannedServer.StartAsync((context, _) => context.Request.Path.Value!.Contains("jobs", StringComparison.Ordinal)
            ? CannedServer.AnswerAsync(
                context, 500, System.Text.Json.JsonSerializer.Serialize(new { message = Forged + ClipboardWrite + Turned }))
            : CannedServer.AnswerAsync(context, 200, "[]"));
        using var files = new DaemonFiles();
        files.Write(
            "config.yaml",
            File.ReadAllText(files.Config)
                .Replace("http://127.0.0.1:9\"", forgejo.Url.AbsoluteUri.TrimEnd('/') + "\"", StringComparison.Ordinal));
        using var daemon = DaemonProcess.Start(files.Arguments);

        await daemon.SaysAsync("delete --force ci-a");

        daemon.Error.Split('\n').ShouldAllBe(line => !line.StartsWith("2026-03-02 12:00:00 INFO", StringComparison.Ordinal));
        daemon.Error.Any(c => char.IsControl(c) && c != '\n').ShouldBeFalse(daemon.Error);
        daemon.Error.ShouldNotContain('\u202E');
    }

    [Fact]
    [Trait("Invariant", "S11")]
    public void A_megabyte_of_runner_output_is_a_line_of_4_KiB_and_a_notice_of_2()
    {
        var much = new string('x', 1024 * 1024);

        new JobLogLine("default", "ci-a", new FjBellows.Dispatch.DispatchId("ci-a-1"), much).Line.Length.ShouldBe(4096);
        new PoolNotice("default", Noon, NoticeKind.Warning, much).Message.Length.ShouldBe(2048);
        Job(1, much).Name.Length.ShouldBe(255);
        new FjBellows.Dispatch.SessionException(FjBellows.Dispatch.SessionErrorKind.CommandFailed, much).Message.Length.ShouldBe(4096);
    }
}
