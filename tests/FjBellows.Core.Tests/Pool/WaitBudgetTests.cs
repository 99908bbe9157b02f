using CsCheck;
using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Tests.Pool;

public sealed class WaitBudgetTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Boot = TimeSpan.FromMinutes(1);
    private static readonly LabelSet Labels = LabelSet.Parse(["docker", "deploy", "nightly"]);

    [Theory]
    [InlineData(0, 6)]
    [InlineData(2, 6)]
    [InlineData(5, 3)]
    [InlineData(10, 2)]
    [InlineData(21, 1)]
    public void A_burst_of_six_jobs_of_four_minutes_provisions_what_its_budget_asks_for(int minutes, int workers) =>
        Plan(Jobs(6), budget: minutes).Provisions.Count.ShouldBe(workers);

    [Fact]
    public void A_running_job_s_end_is_a_place_for_the_next()
    {
        var busy = Busy("a", ranMinutes: 3);
        Plan(Jobs(1), [busy], budget: 2).Provisions.ShouldBeEmpty();
        Plan(Jobs(2), [busy], budget: 2).Provisions.Count.ShouldBe(1);
        Plan(Jobs(2), [busy], budget: 6).Provisions.ShouldBeEmpty();
    }

    [Fact]
    public void A_worker_that_would_end_inside_its_margin_is_no_place()
    {
        var ends = Created(Busy("a", ranMinutes: 3), 55);
        Plan(Jobs(1), [ends], budget: 2).Provisions.Count.ShouldBe(1);
    }

    [Fact]
    public void A_worker_of_single_use_serves_one_job()
    {
        Plan(Jobs(6), budget: 30, singleUse: true).Provisions.Count.ShouldBe(6);
        Plan(Jobs(1), [Busy("a", 3)], budget: 30, singleUse: true).Provisions.Count.ShouldBe(1);
    }

    [Fact]
    public void Predictions_are_believed_for_a_boot_beyond_the_budget_and_no_longer()
    {
        // Its job has run for an hour instead of four minutes: it is predicted to go on for a quarter of that.
        var stuck = Created(Busy("a", ranMinutes: 60), 61);
        var late = Busy("a", ranMinutes: 3.5);
        Seen(-1, stuck).Provisions.Count.ShouldBe(1, "no end is in sight, and a boot would be too late later");
        Seen(-1, late).Provisions.ShouldBeEmpty("the end is predicted within the budget");
        Seen(-2.5, late).Provisions.ShouldBeEmpty("a fresh boot would be no sooner");
        Seen(-3, late).Provisions.Count.ShouldBe(1, "the predictions were wrong for long enough");

        static PoolPlan Seen(double minutes, KnownWorker worker) => Plan(Jobs(1), [worker], budget: 2, seen: Now.AddMinutes(minutes));
    }

    [Fact]
    public void A_plan_is_wanted_when_a_boot_would_still_be_in_time_and_when_the_budget_ends()
    {
        Plan(Jobs(1), [Busy("a", 0.5)], budget: 5).WakeAt
            .ShouldBe(Now.AddMinutes(3.5).AddSeconds(1), "then the running job should be over");
        Plan(Jobs(1), [Busy("a", 0)], budget: 4.5).WakeAt.ShouldBe(Now.AddMinutes(3.5), "then a boot would still be in time");
        Plan(Jobs(1), [Busy("a", 0)], budget: 4.5, seen: Now.AddMinutes(-4)).WakeAt.ShouldBe(Now.AddMinutes(0.5), "then the budget ends");
    }

    [Fact]
    public void A_label_has_a_budget_of_its_own_and_the_shortest_is_served_first()
    {
        var nightly = Jobs(3).Select(j => j with { RunsOn = ["nightly"] }).ToArray();
        var deploy = Jobs(1)[0] with { Id = 9, Handle = "handle-9", RunsOn = ["docker", "deploy"] };
        var plan = Plan([.. nightly, deploy], byLabel: new() { ["deploy"] = TimeSpan.Zero, ["nightly"] = TimeSpan.FromMinutes(20) });
        plan.Provisions.Count.ShouldBe(1);
        var idle = Known(new WorkerView { Name = "a", Phase = WorkerPhase.Idle, Usable = true });
        Plan([.. nightly, deploy], [idle], byLabel: new() { ["deploy"] = TimeSpan.Zero, ["nightly"] = TimeSpan.FromMinutes(20) })
            .Dispatches.ShouldHaveSingleItem().Job.Job.Id.ShouldBe(9);
    }

    [Fact]
    public void Every_job_says_what_it_waits_for()
    {
        var plan = Plan(Jobs(3), [Busy("a", 3)], budget: 9);
        plan.Provisions.ShouldBeEmpty();
        Plan(Jobs(3), [Busy("a", 3)], budget: 5).Provisions.ShouldHaveSingleItem().Reason.ToString()
            .ShouldContain("predicted to start within its wait budget");
        plan.Waits[0].Reason.ToString().ShouldContain("a is predicted to be free at 10:01:00");
        plan.Waits[0].Reason.ToString().ShouldContain("its wait budget lasts until 10:09:00");
        plan.Waits[0].Reason.ToString().ShouldContain("usually takes 4m");
        Plan(Jobs(3), [Busy("a", 3)], budget: 4, max: 1).Waits[2].Reason.ToString().ShouldContain("scale.max");
    }

    /// <summary>Whatever is known, a budget never buys more than a smaller one, nor than the formula of W1, and buys just that when it is
    /// zero.</summary>
    [Fact]
    [Trait("Invariant", "W1")]
    public void In_no_situation_does_more_budget_provision_more()
    {
        var phases = Gen.Int[(int)WorkerPhase.Provisioning, (int)WorkerPhase.Removing].Select(i => (WorkerPhase)i);
        Gen.Select(phases.Array[0, 20], Gen.Int[0, 30], Gen.Int[0, 20], Gen.Int[0, 30], Gen.Int[0, 12], Gen.Int[0, 15])
            .Sample((existing, count, max, budget, waited, more) =>
        {
            var workers = existing.Select((phase, i) => phase switch
            {
                WorkerPhase.Busy => Busy($"w{i:00}", i),
                WorkerPhase.Idle => Known(new WorkerView { Name = $"w{i:00}", Phase = phase, Usable = i % 3 != 0 }),
                _ => Known(new WorkerView { Name = $"w{i:00}", Phase = phase, PlannedAt = Now.AddSeconds(-i * 20) }),
            }).ToArray();
            var none = Plan(Jobs(count), workers, budget: 0, max: max, seen: Now.AddMinutes(-waited));
            var some = Plan(Jobs(count), workers, budget: budget, max: max, seen: Now.AddMinutes(-waited));
            var longer = Plan(Jobs(count), workers, budget: budget + more, max: max, seen: Now.AddMinutes(-waited));
            return some.Provisions.Count <= none.Provisions.Count
                && longer.Provisions.Count <= some.Provisions.Count
                && some.Dispatches.Count == none.Dispatches.Count
                && some.Waits.Count == none.Waits.Count
                && (budget > 0 || some.Provisions.Count == none.Provisions.Count)
                && (waited <= budget + 1 || some.Provisions.Count == none.Provisions.Count);
        });
    }

    [Fact]
    public void A_reserve_is_provisioned_beside_what_jobs_need_and_its_idle_workers_are_kept()
    {
        var idle = Enumerable.Range(0, 3)
            .Select(i => Known(
                new WorkerView
                {
                    Name = $"i{i}",
                    Phase = WorkerPhase.Idle,
                    Usable = true,
                    TeardownDeadline = Now.AddMinutes(10 * (i + 1)),
                })).ToArray();
        var reserve = new Reserve(2, Now.AddHours(3), "until noon");
        Plan([], idle, reserve: reserve).Kept.ShouldBe(["i2", "i1"], ignoreOrder: true);
        Plan([], idle, reserve: reserve).Provisions.ShouldBeEmpty();
        var some = Plan(Jobs(2), idle, reserve: reserve);
        some.Kept.ShouldBe(["i0"]);
        some.Provisions.ShouldHaveSingleItem().Reason.ToString().ShouldContain("until noon");
        Plan(Jobs(5), idle, reserve: reserve).Provisions.Count.ShouldBe(4);
        Plan(Jobs(5), idle, reserve: reserve, max: 6).Provisions.Count.ShouldBe(3);
    }

    private static PoolPlan Plan(
        QueuedJob[] jobs,
        KnownWorker[]? workers = null,
        double budget = 0,
        int max = 50,
        DateTimeOffset? seen = null,
        bool singleUse = false,
        Dictionary<string, TimeSpan>? byLabel = null,
        Reserve? reserve = null)
    {
        var waiting = new WaitSettings { Budget = TimeSpan.FromMinutes(budget), ByLabel = byLabel ?? [] };
        var terms = new WorkerTerms(BillingModel.Hourly, TimeSpan.FromMinutes(5), singleUse);
        IProvisioningPolicy policy = waiting.ProvisionsAtOnce
            ? ProvisionAtOnce.Instance
            : new ProvisionInTime(waiting, new FourMinutes(), terms);
        return PoolPlanner.Plan(new PlanInput
        {
            Now = Now,
            Labels = Labels,
            Max = max,
            Jobs = jobs.Select(j => new KnownJob(j, seen ?? Now, Listed: true)),
            ObservedAt = Now,
            Workers = workers ?? [],
            Policy = reserve is null ? policy : new KeepReserve(policy, reserve, terms),
        });
    }

    private static KnownWorker Known(WorkerView view) => new() { Name = view.Name, Runs = true, View = view };

    private static KnownWorker Created(KnownWorker worker, int minutesAgo) =>
        worker with { View = worker.View! with { CreatedAt = Now.AddMinutes(-minutesAgo) } };

    private static QueuedJob[] Jobs(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new QueuedJob(i, 1, $"handle-{i}", 1, 1, $"job-{i}", ["docker"], JobStatus.Waiting, 0))];

    private static KnownWorker Busy(string name, double ranMinutes) => Known(new WorkerView
    {
        Name = name,
        Phase = WorkerPhase.Busy,
        Usable = true,
        CreatedAt = Now.AddMinutes(-ranMinutes - 1),
        Current = new Assignment(
            new DispatchId($"{name}-1"), new QueuedJob(900, 1, name, 1, 1, "running", ["docker"], JobStatus.Running, 1),
            Now.AddMinutes(-ranMinutes), false),
    });

    private sealed class FourMinutes : ITimeForecast
    {
        private static readonly TimeEstimate Four = new(Enumerable.Repeat(TimeSpan.FromMinutes(4), 5));

        public TimeEstimate Boot => TimeEstimate.Default(WaitBudgetTests.Boot);

        public TimeEstimate Of(QueuedJob job) => Four;
    }
}
