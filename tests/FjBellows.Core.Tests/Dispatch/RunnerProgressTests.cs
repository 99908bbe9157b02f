using FjBellows.Dispatch;

namespace FjBellows.Tests.Dispatch;

/// <summary>What is read from the runner's own lines, as forgejo-runner 12.8.2 writes them.</summary>
[Trait("Invariant", "J7")]
public sealed class RunnerProgressTests
{
    private const string Launched = "time=\"2026-11-29T01:26:52Z\" level=info msg=\"single task poller launched\"";
    private const string Declared =
        "time=\"2026-11-29T01:26:52Z\" level=info msg=\"runner: rec-out, with version: v12.8.2, with labels: [docker], ephemeral: true, " +
        "declared successfully\"";
    private const string NoTask =
        "time=\"2026-11-29T01:26:52Z\" level=info msg=\"single task poller received no task from http://198.18.0.1:3000, trying again\"";
    private const string Failed =
        "time=\"2026-11-29T01:26:54Z\" level=error msg=\"failed to fetch task\" error=\"unavailable: unexpected EOF\"";
    private const string Fetched =
        "time=\"2026-11-28T23:57:32Z\" level=info msg=\"single task poller successfully fetched one task from http://198.18.0.1:3999\"";
    private const string Task =
        "time=\"2026-11-28T23:57:32Z\" level=info msg=\"task 3 repo is acme/app http://198.18.0.1:3000 http://198.18.0.1:3999\"";
    private const string Undelivered =
        "time=\"2026-11-29T01:26:54Z\" level=error msg=\"unable to send final job logs and status: All attempts fail:\\n#1: unavailable\"";

    [Fact]
    public void A_task_that_came() =>
        Read(Declared, Launched, Fetched, Task).ShouldBe(new RunnerProgress { Declared = true, TaskReceived = true, TaskId = 3 });

    [Fact]
    public void Answers_without_a_task()
    {
        var read = Read(Declared, Launched, NoTask, NoTask);
        read.EmptyAnswers.ShouldBe(2);
        read.IsWithoutTask.ShouldBeTrue();
    }

    [Fact]
    [Trait("Invariant", "J17")]
    public void An_answer_that_was_lost_is_not_an_answer_without_a_task()
    {
        var read = Read(Declared, Launched, NoTask, Failed);
        (read.IsWithoutTask, read.LastFetchFailed, read.FailedFetches).ShouldBe((false, true, 1));
        Read(Declared, Launched, Failed, "Error: no task received").IsWithoutTask.ShouldBeFalse();
        Read(Failed, Fetched).ShouldBe(new RunnerProgress { FailedFetches = 1, TaskReceived = true });
    }

    [Fact]
    public void Without_waiting_the_last_line_is_the_answer() =>
        Read(Declared, Launched, "Error: no task received").IsWithoutTask.ShouldBeTrue();

    [Fact]
    [Trait("Invariant", "J13")]
    public void A_result_that_could_not_be_delivered() => Read(Fetched, Task, Undelivered).ResultUndelivered.ShouldBeTrue();

    [Theory]
    [InlineData("single task poller received no task")]
    [InlineData("time=x level=info msg=\"something else about received no task\"")]
    [InlineData("time=x level=info msg=\"task x repo is o/r\"")]
    [InlineData("time=x level=info msg=\"task 99999999999999999999 repo is o/r\"")]
    [InlineData("time=x")]
    [InlineData("")]
    public void Other_lines_say_nothing(string line) => Read(line).ShouldBe(RunnerProgress.None);

    private static RunnerProgress Read(params string[] lines) =>
        lines.Aggregate(RunnerProgress.None, static (progress, line) => progress.After(line));
}
