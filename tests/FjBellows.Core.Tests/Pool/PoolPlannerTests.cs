using CsCheck;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Tests.Pool;

public sealed class PoolPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly LabelSet Labels = LabelSet.Parse(["docker"]);

    [Fact]
    [Trait("Invariant", "J1")]
    public void Running_jobs_cause_nothing()
    {
        var plan = Plan(new() { Jobs = [Job(1, JobStatus.Running), Job(2, JobStatus.Other), Job(3) with { TaskId = 9 }], Workers = [Idle("a")] });
        plan.Dispatches.ShouldBeEmpty();
        plan.Provisions.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "J2")]
    public void The_oldest_is_served_first_however_the_list_is_ordered() =>
        Plan(new() { Jobs = [Job(9), Job(3), Job(7)], Workers = [Idle("a"), Idle("b")] })
            .Dispatches.Select(d => d.Job.Id).ShouldBe([3, 7]);

    [Fact]
    [Trait("Invariant", "J5")]
    public void A_job_that_some_worker_has_or_is_being_given_is_not_given_again()
    {
        var plan = Plan(new()
        {
            Jobs = [Job(1), Job(2), Job(3)],
            Workers = [Busy("a", Job(1)), Idle("b"), Idle("c"), Idle("d")],
            Assigning = new Dictionary<string, JobKey> { ["b"] = Job(2).Key },
        });
        plan.Dispatches.Select(d => d.Job.Id).ShouldBe([3]);
    }

    [Fact]
    [Trait("Invariant", "J5")]
    public void A_job_shown_running_and_waiting_at_once_is_left_alone() =>
        Plan(new() { Jobs = [Job(1), Job(1, JobStatus.Running)], Workers = [Idle("a")] }).Dispatches.ShouldBeEmpty();

    [Fact]
    [Trait("Invariant", "J6")]
    public void A_job_of_other_labels_is_nobody_s_demand() =>
        Plan(new() { Jobs = [Job(1) with { RunsOn = ["arm"] }], Workers = [] }).Provisions.ShouldBeEmpty();

    [Fact]
    [Trait("Invariant", "J7")]
    public void A_held_job_neither_takes_a_worker_nor_buys_one_and_wakes_the_plan()
    {
        var until = Now.AddSeconds(8);
        var memory = new Dictionary<JobKey, JobMemory> { [Job(1).Key] = new(Now.AddSeconds(-1), until, 3, "held by its concurrency group") };
        var plan = Plan(new() { Jobs = [Job(1)], Workers = [Idle("a")], Memory = memory });
        plan.Dispatches.ShouldBeEmpty();
        plan.Provisions.ShouldBeEmpty();
        plan.WakeAt.ShouldBe(until);
        plan.Waits.ShouldHaveSingleItem().Why.ShouldContain("concurrency group");
        Plan(new() { Jobs = [Job(1)], Workers = [Idle("a")], Memory = memory, Now = until }).Dispatches.ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Invariant", "W12")]
    public void A_list_asked_for_before_a_dispatch_ended_says_nothing_of_its_job()
    {
        var memory = new Dictionary<JobKey, JobMemory> { [Job(1).Key] = new(Now.AddSeconds(-1), Now.AddSeconds(-1), 0, "") };
        Plan(new() { Jobs = [Job(1)], ObservedAt = Now.AddSeconds(-2), Workers = [Idle("a")], Memory = memory }).Dispatches.ShouldBeEmpty();
        Plan(new() { Jobs = [Job(1)], ObservedAt = Now, Workers = [Idle("a")], Memory = memory }).Dispatches.ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Invariant", "W1")]
    public void Two_jobs_and_a_boot_of_ten_ticks_buy_two_workers_in_all()
    {
        var workers = new List<WorkerView>();
        for (var tick = 0; tick < 10; tick++)
        {
            var bought = Plan(new() { Jobs = [Job(1), Job(2)], Max = 8, Workers = workers }).Provisions.Count;
            workers.AddRange(Enumerable.Range(0, bought).Select(i => View($"w{tick}{i}", WorkerPhase.Provisioning)));
        }

        workers.Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Invariant", "B3")]
    public void A_worker_past_its_mark_gets_nothing_and_counts_for_nothing()
    {
        var plan = Plan(new() { Jobs = [Job(1)], Workers = [Idle("a") with { TeardownDeadline = Now }], Max = 2 });
        plan.Dispatches.ShouldBeEmpty();
        plan.Provisions.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W13")]
    public void A_worker_not_yet_reached_again_is_waited_for_not_used()
    {
        var plan = Plan(new() { Jobs = [Job(1)], Workers = [Idle("a") with { Linked = false }], Max = 2 });
        plan.Dispatches.ShouldBeEmpty();
        plan.Provisions.ShouldBeEmpty();
        plan.Waits.ShouldHaveSingleItem().Why.ShouldContain("on their way");
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public void A_worker_on_its_way_out_still_counts_against_the_maximum()
    {
        var plan = Plan(new() { Jobs = [Job(1)], Workers = [View("a", WorkerPhase.Removing)], Max = 1 });
        plan.Provisions.ShouldBeEmpty();
        plan.Waits.ShouldHaveSingleItem().Why.ShouldContain("scale.max");
    }

    [Fact]
    public void Everything_that_waits_says_why()
    {
        Plan(new() { Jobs = [Job(1)], Workers = [Idle("a")], Stopped = "paused by ada" }).Waits.ShouldHaveSingleItem().Why.ShouldBe("paused by ada");
        Plan(new() { Jobs = [Job(1)], ProvisioningSuspended = "no capacity in eu-west" }).Waits.ShouldHaveSingleItem().Why.ShouldBe("no capacity in eu-west");
    }

    [Fact]
    public void The_worker_that_is_kept_longest_anyway_is_used_first() =>
        Plan(new() { Jobs = [Job(1)], Workers = [Idle("a", 10), Idle("b", 40), Idle("c", 20)] }).Dispatches.ShouldHaveSingleItem().Worker.ShouldBe("b");

    /// <summary>The formula of W1, stated a second time and held against the planner on random pools.</summary>
    [Fact]
    [Trait("Invariant", "W1")]
    public void What_is_bought_is_exactly_what_the_formula_says()
    {
        var phases = Gen.Int[(int)WorkerPhase.Provisioning, (int)WorkerPhase.Removing].Select(i => (WorkerPhase)i);
        Gen.Select(phases.Array[0, 30], Gen.Int[0, 40], Gen.Int[0, 20]).Sample((existing, jobs, max) =>
        {
            var workers = existing.Select((phase, i) => phase switch
            {
                WorkerPhase.Busy => Busy($"w{i:00}", Job(1000 + i)),
                WorkerPhase.Idle => Idle($"w{i:00}"),
                _ => View($"w{i:00}", phase),
            }).ToArray();
            var plan = Plan(new() { Jobs = [.. Enumerable.Range(1, jobs).Select(i => Job(i))], Workers = workers, Max = max });

            var idle = existing.Count(p => p == WorkerPhase.Idle);
            var provisioning = existing.Count(p => p == WorkerPhase.Provisioning);
            var expected = Math.Max(0, Math.Min(jobs - idle - provisioning, max - existing.Length));
            return plan.Provisions.Count == expected
                && plan.Dispatches.Count == Math.Min(jobs, idle)
                && plan.Dispatches.Select(d => d.Worker).Distinct().Count() == plan.Dispatches.Count
                && plan.Dispatches.Select(d => d.Job.Key).Distinct().Count() == plan.Dispatches.Count
                && plan.Waits.Count == jobs - plan.Dispatches.Count;
        });
    }

    private static PoolPlan Plan(Spec spec) => PoolPlanner.Plan(new PlanInput
    {
        Now = spec.Now ?? Now,
        Labels = Labels,
        Max = spec.Max,
        Jobs = spec.Jobs,
        ObservedAt = spec.ObservedAt ?? Now,
        Workers = spec.Workers,
        Assigning = spec.Assigning,
        Memory = spec.Memory,
        Stopped = spec.Stopped,
        ProvisioningSuspended = spec.ProvisioningSuspended,
    });

    private static QueuedJob Job(long id, JobStatus status = JobStatus.Waiting) => new(id, 1, $"handle-{id}", 1, 1, $"job-{id}", ["docker"], status, 0);

    private static WorkerView View(string name, WorkerPhase phase) => new() { Name = name, Phase = phase };

    private static WorkerView Idle(string name, int minutesLeft = 30) =>
        View(name, WorkerPhase.Idle) with { Linked = true, TeardownDeadline = Now.AddMinutes(minutesLeft) };

    private static WorkerView Busy(string name, QueuedJob job) =>
        View(name, WorkerPhase.Busy) with { Linked = true, Current = new Assignment(new DispatchId($"{name}-1"), job, Now, false) };

    private sealed record Spec
    {
        public DateTimeOffset? Now { get; init; }

        public DateTimeOffset? ObservedAt { get; init; }

        public IReadOnlyList<QueuedJob> Jobs { get; init; } = [];

        public IReadOnlyList<WorkerView> Workers { get; init; } = [];

        public int Max { get; init; } = 10;

        public IReadOnlyDictionary<string, JobKey> Assigning { get; init; } = new Dictionary<string, JobKey>();

        public IReadOnlyDictionary<JobKey, JobMemory> Memory { get; init; } = new Dictionary<JobKey, JobMemory>();

        public string? Stopped { get; init; }

        public string? ProvisioningSuspended { get; init; }
    }
}
