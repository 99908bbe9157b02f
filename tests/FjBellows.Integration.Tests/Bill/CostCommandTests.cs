using System.Text.Json;
using FjBellows.Daemon.Commands;
using FjBellows.Dispatch;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Jobs;
using FjBellows.Journal;

namespace FjBellows.Integration.Tests.Bill;

/// <summary>What <c>cost</c> makes of a history of two workers that are gone and one that lives.</summary>
public sealed class CostCommandTests : IDisposable
{
    private static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(5);

    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Jobs_of_a_worker_that_lives_are_reported_and_not_weighed_against_what_others_were_billed()
    {
        await WriteHistoryAsync(living: 3);

        var text = await CostAsync();
        text.ShouldContain("2 jobs on 2 workers; billed 2.0 h");
        text.ShouldContain("(ratio 1.00)");
        text.ShouldContain("3 jobs ran on workers that still exist; they are counted when those workers are deleted");
        using var json = JsonDocument.Parse(await CostAsync("--json"));
        var pool = json.RootElement[0];
        (pool.GetProperty("total").GetProperty("jobs").GetInt32(), pool.GetProperty("total").GetProperty("ratio")
            .GetDouble(), pool.GetProperty("unsettled_jobs").GetInt32()).ShouldBe((2, 1.0, 3));
        pool.GetProperty("days").EnumerateArray().Sum(d => d.GetProperty("bound_hours").GetDouble()).ShouldBe(2);
    }

    [Fact]
    public async Task Repositories_are_summed_and_times_say_their_zone()
    {
        await WriteHistoryAsync(living: 0);

        var text = await CostAsync();
        text.ShouldMatch(@"repository +runs +busy h +share +wait p95\s+acme/shop +2 +1.0 +100 %");
        text.ShouldMatch(@"worker +created \(UTC\)");
        text.ShouldContain("day (UTC)");
        text.ShouldNotContain("still exist");
        using var json = JsonDocument.Parse(await CostAsync("--json"));
        var repository = json.RootElement[0].GetProperty("repositories").EnumerateArray().ShouldHaveSingleItem();
        (repository.GetProperty("repo").GetString(), repository.GetProperty("runs").GetInt32(), repository.GetProperty("busy_hours")
            .GetDouble()).ShouldBe(("acme/shop", 2, 1.0));
    }

    [Theory]
    [InlineData("hour_margin=2h: hour_margin (02:00:00) must be shorter", "--what-if", "hour_margin=2h")]
    [InlineData("--what-if", "--what-if", "x")]
    [InlineData("--days is 1000000, and takes a number from 1 to 36500", "--days", "1000000")]
    [InlineData("--days is 0", "--days", "0")]
    public async Task What_cannot_be_told_is_refused_with_a_remedy(string message, params string[] args)
    {
        await WriteHistoryAsync(living: 0);

        var (code, _, error) = await InvokeAsync(args);

        code.ShouldBe((int)ExitCode.Usage);
        error.ShouldContain(message);
    }

    private async Task<string> CostAsync(params string[] args)
    {
        var (code, output, error) = await InvokeAsync(args);
        code.ShouldBe((int)ExitCode.Ok, error);
        return output;
    }

    private async Task<(int Code, string Output, string Error)> InvokeAsync(string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.InvokeAsync(["cost", "-config", _files.Config, "--state", _files.State, .. args], output, error);
        return (code, output.ToString(), error.ToString());
    }

    private async Task WriteHistoryAsync(int living)
    {
        Directory.CreateDirectory(_files.State);
        var settings = JournalSettings.Sqlite(_files.State);
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        var history = new SqlHistory(settings);
        foreach (var worker in (string[])["gone-1", "gone-2"])
        {
            await history.AppendAsync(Ran(worker, 1), CancellationToken.None);
            await history.AppendAsync(
                new WorkerLedger(
                    "default", worker, "i-1", "", Start, Start, Start.AddMinutes(1), Start.AddMinutes(55), TimeSpan.FromMinutes(30),
                    TimeSpan.FromHours(1), 0.5m, 1, 0, "a job waits", "idle"),
                CancellationToken.None);
        }

        for (var job = 1; job <= living; job++)
        {
            await history.AppendAsync(Ran("living", job), CancellationToken.None);
        }
    }

    private static DispatchOutcome Ran(string worker, int number) => new(
        "default",
        worker,
        new Assignment(
            new DispatchId($"{worker}-{number}"),
            new QueuedJob(number, 1, $"h{number}", 7, 1, "build", ["docker"], JobStatus.Waiting, 0) { Repo = "acme/shop" },
            Start.AddMinutes(1), true)
        {
            SeenAt = Start,
            StartedAt = Start.AddMinutes(2),
        },
        OutcomeKind.Completed,
        Start.AddMinutes(32),
        0,
        "");
}
