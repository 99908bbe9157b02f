using FjBellows.Billing;
using FjBellows.Costs;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Workers;

namespace FjBellows.Tests.Billing;

public sealed class CostReportTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 22, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_was_billed_is_busy_boot_or_idle()
    {
        var cost = CostReport.Of(
            [Ran("a", 1, 0, 2, 20), Ran("a", 2, 30, 31, 50)], [Worker("a", 0, 2, 55, hours: 1, busyMinutes: 37)], BillingModel.Hourly);
        (cost.Jobs, cost.Workers, cost.Billed, cost.Busy, cost.Boot, cost.Idle).ShouldBe(
            (2, 1, TimeSpan.FromHours(1), TimeSpan.FromMinutes(37), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(21)));
        (cost.LeastBilled, cost.Ratio, cost.Money).ShouldBe((TimeSpan.FromHours(1), 1.0, 0.5m));
        (cost.Waits.Count, cost.Waits.Mean, cost.Waits.Max).ShouldBe((2, TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public void Money_is_not_guessed_where_a_price_is_missing() =>
        CostReport.Of([], [Worker("a", 0, 2, 55, 1, 0), Worker("b", 0, 2, 55, 1, 0) with { HourlyPrice = null }], BillingModel.Hourly).Money
            .ShouldBeNull();

    [Fact]
    public void What_ran_no_task_and_what_was_never_created_cost_nothing()
    {
        var cost = CostReport.Of(
            [Ran("a", 1, 0, 2, 20) with { Kind = OutcomeKind.NoTask }, Ran("a", 2, 0, 2, 20) with { Kind = OutcomeKind.FailedToStart }],
            [Worker("a", 0, 2, 55, 1, 0) with { CreatedAt = null, Billed = TimeSpan.Zero }],
            BillingModel.Hourly);
        (cost.Jobs, cost.Workers, cost.Billed, cost.LeastBilled, cost.Ratio).ShouldBe((0, 0, TimeSpan.Zero, TimeSpan.Zero, (double?)null));
    }

    [Fact]
    public void A_billed_hour_counts_on_the_day_on_which_it_began()
    {
        var days = CostByDay.Of([Ran("a", 1, 0, 2, 150)], [Worker("a", 0, 2, 175, hours: 3, busyMinutes: 148)], BillingModel.Hourly);
        days.Select(d => (d.Day.Day, d.Jobs, d.Billed.TotalHours, d.Busy.TotalMinutes, d.LeastBilled.TotalHours, d.Money)).ShouldBe(
            [(1, 1, 2.0, 118.0, 2.0, 1.0m), (2, 0, 1.0, 30.0, 1.0, 0.5m)]);
        days.Sum(d => d.Billed.TotalHours).ShouldBe(3);
    }

    [Fact]
    public void By_the_second_time_counts_on_the_day_on_which_it_passed()
    {
        var paid = Worker("a", 0, 2, 175, 0, 148) with { Billed = TimeSpan.FromMinutes(175) };
        CostByDay.Of([Ran("a", 1, 0, 2, 150)], [paid], BillingModel.PerSecond)
            .Select(d => (d.Billed.TotalMinutes, d.LeastBilled.TotalMinutes)).ShouldBe([(120.0, 120.0), (55.0, 28.0)]);
    }

    [Fact]
    public void Jobs_are_told_apart_by_repository_and_name_the_dearest_first()
    {
        var jobs = CostByJob.Of(
            [Ran("a", 1, 0, 1, 5), Ran("a", 2, 0, 1, 31, "deploy"), Ran("a", 3, 0, 1, 7),
                Ran("a", 4, 0, 1, 3) with { Kind = OutcomeKind.NoTask }]);
        jobs.Select(j => (j.Kind.Name, j.Runs, j.Busy.TotalMinutes, j.Median.TotalMinutes, j.Share))
            .ShouldBe([("deploy", 1, 30.0, 30.0, 0.75), ("build", 2, 10.0, 4.0, 0.25)]);
    }

    [Fact]
    public void A_repository_goes_by_the_name_it_had_last_and_by_its_id_until_it_had_one()
    {
        var (first, named, renamed) = (Ran("a", 1, 0, 1, 5), Ran("a", 2, 10, 11, 15), Ran("a", 3, 20, 21, 25));
        CostByJob.Of([first]).Select(j => j.ToString()).ShouldBe([$"{first.Assignment.Job.RepoId} build"]);
        CostByJob.Of([first, In(named, "acme/store"), In(renamed, "acme/shop"), Ran("a", 4, 30, 31, 35)]).Select(j => j.ToString())
            .ShouldBe(["acme/shop build"]);

        static DispatchOutcome In(DispatchOutcome outcome, string repository) =>
            outcome with { Assignment = outcome.Assignment with { Job = outcome.Assignment.Job with { Repo = repository } } };
    }

    [Fact]
    public void What_a_worker_that_still_exists_ran_waits_for_its_ledger()
    {
        WorkerLedger[] ledgers = [Worker("a", 0, 2, 55, hours: 1, busyMinutes: 18)];
        var settled = CostReport.Settled([Ran("a", 1, 0, 2, 20), Ran("b", 2, 0, 2, 20), Ran("b", 3, 30, 32, 50)], ledgers);
        settled.Select(o => o.Worker).ShouldBe(["a"]);
        CostReport.Of(settled, ledgers, BillingModel.Hourly).Ratio.ShouldBe(1.0);
    }

    [Fact]
    public void Repositories_are_summed_over_their_jobs()
    {
        var repositories = CostByRepository.Of([Ran("a", 1, 0, 1, 5), Ran("a", 2, 0, 1, 31, "deploy"), Ran("a", 3, 0, 1, 7)]);
        repositories.Select(r => (r.ToString(), r.Runs, r.Busy.TotalMinutes, r.Share)).ShouldBe([("7", 3, 40.0, 1.0)]);
    }

    [Fact]
    public void A_worker_that_lives_counts_up_to_now()
    {
        var view = new WorkerView
        {
            Name = "a",
            Phase = WorkerPhase.Busy,
            PlannedAt = Start,
            CreatedAt = Start,
            ReadyAt = Start.AddMinutes(2),
            Busy = TimeSpan.FromMinutes(10),
            HourlyPrice = 0.5m,
            Current = Ran("a", 1, 60, 62, 0).Assignment,
        };
        var soFar = CostReport.SoFar("default", view, BillingModel.Hourly, Start.AddMinutes(70));
        (soFar.Billed, soFar.Busy).ShouldBe((TimeSpan.FromHours(2), TimeSpan.FromMinutes(18)));
    }

    private static DispatchOutcome Ran(string worker, int number, double seen, double started, double ended, string name = "build") => new(
        "default",
        worker,
        new Assignment(
            new DispatchId($"{worker}-{number}"), new QueuedJob(number, 1, $"h{number}", 7, 1, name, ["docker"], JobStatus.Waiting, 0),
            Start.AddMinutes(started), true)
        {
            SeenAt = Start.AddMinutes(seen),
            StartedAt = Start.AddMinutes(started),
        },
        OutcomeKind.Completed,
        Start.AddMinutes(ended),
        0,
        "");

    private static WorkerLedger Worker(string name, double created, double ready, double gone, int hours, double busyMinutes) => new(
        "default", name, "i-1", "nl small", Start, Start.AddMinutes(created), Start.AddMinutes(ready), Start.AddMinutes(gone),
        TimeSpan.FromMinutes(busyMinutes), TimeSpan.FromHours(hours), 0.5m, 1, 0, "a job waits", "idle");
}
