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
        var plan = Plan(
            new() { Jobs = [Job(1, JobStatus.Running), Job(2, JobStatus.Other), Job(3) with { TaskId = 9 }], Workers = [Idle("a")] });
        plan.Dispatches.ShouldBeEmpty();
        plan.Provisions.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "J2")]
    public void The_oldest_is_served_first_however_the_list_is_ordered() =>
        Plan(new() { Jobs = [Job(9), Job(3), Job(7)], Workers = [Idle("a"), Idle("b")] })
            .Dispatches.Select(d => d.Job.Job.Id).ShouldBe([3, 7]);

    [Fact]
    [Trait("Invariant", "J5")]
    public void A_job_that_some_worker_has_or_is_being_given_is_not_given_again()
    {
        var plan = Plan(new()
        {
            Jobs = [Job(1), Job(2), Job(3)],
            Workers = [Busy("a", Job(1)), Idle("b") with { Assigning = Job(2).Key }, Idle("c"), Idle("d")],
        });
        plan.Dispatches.Select(d => d.Job.Job.Id).ShouldBe([3]);
    }

    [Fact]
    [Trait("Invariant", "J5")]
    public void A_job_shown_running_and_waiting_at_once_is_left_alone() =>
        Plan(new() { Jobs = [Job(1), Job(1, JobStatus.Running)], Workers = [Idle("a")] }).Dispatches.ShouldBeEmpty();

    [Fact]
    [Trait("Invariant", "J6")]
    public void A_job_of_other_labels_is_no_demand() =>
        Plan(new() { Jobs = [Job(1) with { RunsOn = ["arm"] }], Workers = [] }).Provisions.ShouldBeEmpty();

    [Fact]
    [Trait("Invariant", "J7")]
    public void A_job_that_backs_off_takes_no_worker_and_wakes_the_plan()
    {
        var backoff = After(OutcomeKind.FailedToStart, Now.AddSeconds(-1), times: 3);
        var plan = Plan(new() { Jobs = [Job(1)], Workers = [Idle("a")], Backoff = backoff });
        plan.Dispatches.ShouldBeEmpty();
        plan.Provisions.ShouldBeEmpty();
        plan.WakeAt.ShouldBe(backoff.Until);
        plan.Waits.ShouldHaveSingleItem().Reason.ShouldBeOfType<WaitReason.BackingOff>().Failures.ShouldBe(3);
        Plan(new() { Jobs = [Job(1)], Workers = [Idle("a")], Backoff = backoff, Now = backoff.Until }).Dispatches.ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Invariant", "J14")]
    public void A_job_that_is_listed_and_not_handed_out_provisions_nothing_and_may_use_an_idle_worker()
    {
        var backoff = After(OutcomeKind.NoTask, Now.AddMinutes(-10));
        var plan = Plan(new() { Jobs = [Job(1)], Backoff = backoff });
        plan.Provisions.ShouldBeEmpty();
        plan.Waits.ShouldHaveSingleItem().Reason.Code.ShouldBe("not_handed_out");
        Plan(new() { Jobs = [Job(1)], Backoff = backoff, Workers = [Idle("a")] }).Dispatches.ShouldHaveSingleItem();
        Plan(new() { Jobs = [Job(1)], Backoff = backoff.Free(Now) }).Provisions.ShouldHaveSingleItem("something of its repository ended");
    }

    [Fact]
    [Trait("Invariant", "J14")]
    public void A_worker_provisioned_for_another_job_is_not_taken_by_one_that_is_not_handed_out()
    {
        var plan = Plan(new() { Jobs = [Job(1), Job(2)], Backoff = After(OutcomeKind.NoTask, Now.AddMinutes(-10)), Workers = [Idle("a")] });
        plan.Dispatches.ShouldHaveSingleItem().Job.Job.Id.ShouldBe(2);
    }

    [Fact]
    [Trait("Invariant", "W12")]
    public void A_list_requested_before_a_dispatch_ended_says_nothing_of_its_job()
    {
        var backoff = After(OutcomeKind.Completed, Now.AddMinutes(-1));
        Plan(new() { Jobs = [Job(1)], ObservedAt = Now.AddMinutes(-2), Workers = [Idle("a")], Backoff = backoff }).Dispatches
            .ShouldBeEmpty();
        Plan(new() { Jobs = [Job(1)], ObservedAt = Now, Workers = [Idle("a")], Backoff = backoff }).Dispatches.ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Invariant", "W1")]
    public void Two_jobs_and_a_boot_of_ten_ticks_provision_two_workers_in_all()
    {
        var workers = new List<KnownWorker>();
        for (var tick = 0; tick < 10; tick++)
        {
            var count = Plan(new() { Jobs = [Job(1), Job(2)], Max = 8, Workers = workers }).Provisions.Count;
            workers.AddRange(Enumerable.Range(0, count).Select(i => Worker($"w{tick}{i}", WorkerPhase.Provisioning)));
        }

        workers.Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Invariant", "B3")]
    public void A_worker_past_its_teardown_deadline_gets_nothing_and_counts_for_nothing()
    {
        var plan = Plan(new() { Jobs = [Job(1)], Workers = [Idle("a", minutesLeft: 0)], Max = 2 });
        plan.Dispatches.ShouldBeEmpty();
        plan.Provisions.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(5, 0)]
    [InlineData(29, 0)]
    [InlineData(31, 1)]
    [Trait("Invariant", "W19")]
    public void A_disconnected_worker_is_waited_for_half_a_minute(int seconds, int provisions)
    {
        var disconnected = Idle("a");
        disconnected =
            disconnected with { View = disconnected.View! with { Usable = false }, DisconnectedSince = Now.AddSeconds(-seconds) };
        var plan = Plan(new() { Jobs = [Job(1)], Workers = [disconnected], Max = 2 });
        plan.Dispatches.ShouldBeEmpty();
        plan.Provisions.Count.ShouldBe(provisions);
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public void A_worker_being_deleted_counts_against_the_maximum_and_says_so_until_it_is_released()
    {
        var deleting = Worker("a", WorkerPhase.Removing) with { PhaseSince = Now.AddMinutes(-9) };
        var plan = Plan(new() { Jobs = [Job(1)], Workers = [deleting], Max = 1 });
        plan.Provisions.ShouldBeEmpty();
        plan.Waits.ShouldHaveSingleItem().Reason.ToString()
            .ShouldBe("scale.max (1) reached: 1 is being deleted since 09:51:00 UTC, the others are busy");
        Plan(new() { Jobs = [Job(1)], Workers = [deleting with { Released = true }], Max = 1 }).Provisions.ShouldHaveSingleItem();
    }

    [Fact]
    public void Every_job_that_waits_has_a_reason()
    {
        Plan(new() { Jobs = [Job(1)], Workers = [Idle("a")], Stopped = new WaitReason.Paused("ada") }).Waits.ShouldHaveSingleItem().Reason
            .ToString().ShouldBe("paused by ada");
        var hold = new ProvisioningHold.CreateRefused(FjBellows.Providers.CloudErrorKind.Auth, "401");
        var plan = Plan(new() { Jobs = [Job(1)], Hold = hold });
        plan.Provisions.ShouldBeEmpty();
        plan.Waits.ShouldHaveSingleItem().Reason.Code.ShouldBe("create_refused");
        Plan(new() { Jobs = [Job(1), Job(2)], Workers = [Busy("a", Job(3))], Max = 1 }).Waits
            .ShouldAllBe(w => w.Reason.ToString() == "scale.max (1) reached, all workers are busy");
        Plan(new() { Jobs = [Job(1)] }).Provisions.ShouldHaveSingleItem().Reason.ToString()
            .ShouldBe("job-1 (job 1, attempt 1) waits: 1 unassigned job, 0 workers provisioning, 0/10 workers");
    }

    [Fact]
    [Trait("Invariant", "W17")]
    public void While_dispatches_fail_idle_workers_wait_for_the_probe_and_none_is_provisioned()
    {
        var hold = new ProvisioningHold.DispatchesFail(Now.AddSeconds(30), 4, 2, "x509");
        var held = Plan(
            new() { Jobs = [Job(1), Job(2)], Workers = [Idle("a"), Idle("b")], Hold = hold, Dispatching = hold, MostDispatches = 0 });
        held.Dispatches.ShouldBeEmpty();
        held.Provisions.ShouldBeEmpty();
        held.Waits.ShouldAllBe(w => w.Reason is WaitReason.DispatchSuspended);
        Plan(new()
        {
            Jobs = [Job(1), Job(2)],
            Workers = [Idle("a"), Idle("b")],
            Hold = hold,
            Dispatching = hold,
            MostDispatches = 1,
        }).Dispatches.Count.ShouldBe(1);
    }

    [Fact]
    public void The_worker_that_is_kept_longest_anyway_is_used_first() =>
        Plan(new() { Jobs = [Job(1)], Workers = [Idle("a", 10), Idle("b", 40), Idle("c", 20)] }).Dispatches
            .ShouldHaveSingleItem().Worker.Name.ShouldBe("b");

    /// <summary>The formula of W1, stated a second time and held against the planner on random pools.</summary>
    [Fact]
    [Trait("Invariant", "W1")]
    public void What_is_provisioned_is_exactly_what_the_formula_says()
    {
        var phases = Gen.Int[(int)WorkerPhase.Provisioning, (int)WorkerPhase.Removing].Select(i => (WorkerPhase)i);
        Gen.Select(phases.Array[0, 30], Gen.Int[0, 40], Gen.Int[0, 20], Gen.Int[0, 12]).Sample((existing, jobs, max, most) =>
        {
            var workers = existing.Select((phase, i) => phase switch
            {
                WorkerPhase.Busy => Busy($"w{i:00}", Job(1000 + i)),
                WorkerPhase.Idle => Idle($"w{i:00}"),
                _ => Worker($"w{i:00}", phase),
            }).ToArray();
            var plan = Plan(
                new() { Jobs = [.. Enumerable.Range(1, jobs).Select(i => Job(i))], Workers = workers, Max = max, MostProvisions = most });

            var idle = existing.Count(p => p == WorkerPhase.Idle);
            var provisioning = existing.Count(p => p == WorkerPhase.Provisioning);
            var expected = Math.Max(0, Math.Min(jobs - idle - provisioning, Math.Min(most, max - existing.Length)));
            return plan.Provisions.Count == expected
                && plan.Dispatches.Count == Math.Min(jobs, idle)
                && plan.Dispatches.Select(d => d.Worker.Name).Distinct().Count() == plan.Dispatches.Count
                && plan.Dispatches.Select(d => d.Job.Key).Distinct().Count() == plan.Dispatches.Count
                && plan.Waits.Count == jobs - plan.Dispatches.Count;
        });
    }

    private static PoolPlan Plan(Spec spec)
    {
        var known = new Known().With(new PoolProtocol.JobsObserved(spec.Jobs, spec.ObservedAt ?? Now), Now, TimeSpan.FromHours(1));
        return PoolPlanner.Plan(new PlanInput
        {
            Now = spec.Now ?? Now,
            Labels = Labels,
            Max = spec.Max,
            // The backoff is that of job 1.
            Jobs = known.Jobs.Values.Select(j => j.Job.Id == 1 ? j with { Backoff = spec.Backoff } : j),
            ObservedAt = spec.ObservedAt ?? Now,
            Workers = [.. spec.Workers],
            Stopped = spec.Stopped,
            ProvisionHold = spec.Hold,
            MostProvisions = spec.Hold is null ? spec.MostProvisions : 0,
            DispatchHold = spec.Dispatching,
            MostDispatches = spec.MostDispatches,
        });
    }

    private static JobBackoff After(OutcomeKind kind, DateTimeOffset endedAt, int times = 1)
    {
        var backoff = JobBackoff.None;
        for (var i = times - 1; i >= 0; i--)
        {
            backoff = backoff.After(
                new DispatchOutcome(
                    "default", "a", new Assignment(new DispatchId("a-1"), Job(1), Now, false), kind, endedAt.AddMilliseconds(-i), null,
                    "it failed"),
                new TimeoutSettings().NoTaskHold);
        }

        return backoff;
    }

    private static QueuedJob Job(long id, JobStatus status = JobStatus.Waiting) =>
        new(id, 1, $"handle-{id}", 1, 1, $"job-{id}", ["docker"], status, 0);

    private static KnownWorker Worker(string name, WorkerPhase phase) =>
        new() { Name = name, Runs = true, View = new WorkerView { Name = name, Phase = phase } };

    private static KnownWorker Idle(string name, int minutesLeft = 30) => Worker(name, WorkerPhase.Idle) with
    {
        View = new WorkerView { Name = name, Phase = WorkerPhase.Idle, Usable = true, TeardownDeadline = Now.AddMinutes(minutesLeft) },
    };

    private static KnownWorker Busy(string name, QueuedJob job) => Worker(name, WorkerPhase.Busy) with
    {
        View = new WorkerView
        {
            Name = name,
            Phase = WorkerPhase.Busy,
            Usable = true,
            Current = new Assignment(
            new DispatchId($"{name}-1"), job, Now, false)
        },
    };

    private sealed record Spec
    {
        public DateTimeOffset? Now { get; init; }

        public DateTimeOffset? ObservedAt { get; init; }

        public IReadOnlyList<QueuedJob> Jobs { get; init; } = [];

        public IReadOnlyList<KnownWorker> Workers { get; init; } = [];

        public int Max { get; init; } = 10;

        public JobBackoff Backoff { get; init; } = JobBackoff.None;

        public WaitReason? Stopped { get; init; }

        public ProvisioningHold? Hold { get; init; }

        public ProvisioningHold.DispatchesFail? Dispatching { get; init; }

        public int MostDispatches { get; init; } = int.MaxValue;

        public int MostProvisions { get; init; } = int.MaxValue;
    }
}
