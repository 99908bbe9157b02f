using FjBellows.Jobs;
using FjBellows.Sandbox.Forge;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class JobInvariantTests
{
    [Fact]
    [Trait("Invariant", "J1")]
    public void Jobs_that_another_runner_runs_cause_nothing()
    {
        using var world = new World().Started();
        for (var i = 0; i < 5; i++)
        {
            world.Forge.State.Steal(world.Forge.Enqueue(TimeSpan.FromMinutes(1)).Id);
        }

        world.PassMinutes(5);
        world.Cloud.Machines.ShouldBeEmpty();
        world.Forge.Calls.ShouldNotContainKey("register");
    }

    [Fact]
    [Trait("Invariant", "J2")]
    public void At_the_maximum_nothing_starves_though_the_list_comes_newest_first()
    {
        using var world = new World(max: 1).Started();
        var first = world.Forge.Enqueue(TimeSpan.FromMinutes(3));
        world.PassMinutes(2);
        for (var i = 0; i < 20; i++)
        {
            world.Forge.Enqueue(TimeSpan.FromSeconds(30));
        }

        world.Until(() => world.Forge.State.Job(first.Id).IsDone, 15);
        world.UntilQuiet();
        world.Forge.State.Jobs().Select(j => j.Current!.StartedAt).ShouldBeInOrder();
    }

    [Fact]
    [Trait("Invariant", "J3")]
    public void Without_a_handle_the_runner_is_started_without_one()
    {
        using var world = new World();
        world.Forge.Distort = jobs => [.. jobs.Select(j => j with { Handle = "" })];
        world.Started();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Forge.State.Job(job.Id).IsDone);
        world.Cloud.Machines[0].Processes.Values.ShouldHaveSingleItem().Launch.Handle.ShouldBe("");
        world.Outcomes().ShouldHaveSingleItem().Assignment.Job.Key.Value.ShouldBe($"{job.Id}#1");
    }

    [Fact]
    [Trait("Invariant", "J4")]
    public void A_queue_that_cannot_be_read_is_not_an_empty_queue()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(10));
        world.UntilPhase(WorkerPhase.Provisioning);
        world.Forge.Fails = call => call == "jobs" ? new ForgejoException(ForgejoErrorKind.Malformed, "<html>") : null;
        world.UntilPhase(WorkerPhase.Busy);
        var health = world.Status.Sources.Single(s => s.Source == FjBellows.Pool.PoolSource.Jobs);
        health.Error.ShouldBe("<html>");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Invariant", "J5")]
    public void One_handle_goes_to_one_worker_whatever_stale_lists_and_restarts_say(bool restarts)
    {
        using var world = new World(max: 4);
        IReadOnlyList<QueuedJob> first = [];
        // Forgejo's list lags: it goes on showing jobs as waiting for a while after they were handed out.
        world.Forge.Distort = jobs =>
        {
            first = jobs.Count > first.Count ? jobs : first;
            return [.. first.Where(f => !world.Forge.State.Job(f.Id).IsDone)];
        };
        world.Started();
        for (var i = 0; i < 12; i++)
        {
            world.Forge.Enqueue(TimeSpan.FromMinutes(2));
        }

        for (var i = 0; restarts && i < 12; i++)
        {
            world.Pass(37);
            world.Daemon.Restart();
        }

        world.UntilQuiet();
        world.EachJobRanOnce();
        foreach (var same in world.Cloud.Machines.SelectMany(m => m.Processes.Values).GroupBy(p => p.Launch.Handle))
        {
            var runs = same.OrderBy(p => p.StartedAt).ToArray();
            runs.Zip(runs.Skip(1), (first, second) => second.StartedAt < first.EndedAt).ShouldNotContain(true);
        }
    }

    [Fact]
    [Trait("Invariant", "J6")]
    public void The_runner_gets_full_labels_and_jobs_of_other_labels_get_nothing()
    {
        using var world = new World(with: s => s with { Labels = LabelSet.Parse(["docker:docker://node:22", "big:host"]) }).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1), "arm");
        world.PassMinutes(2);
        world.Cloud.Machines.ShouldBeEmpty();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1), "big");
        world.Until(() => world.Forge.State.Job(job.Id).IsDone);
        world.Cloud.Machines[0].Processes.Values.Single().Launch.Labels.ShouldBe(["docker:docker://node:22", "big:host"]);
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public void A_job_held_by_its_concurrency_group_neither_pins_a_vm_nor_provisions_one()
    {
        using var world = new World(max: 5).Started();
        var first = world.Forge.Enqueue(TimeSpan.FromMinutes(12), group: "deploy");
        world.UntilPhase(WorkerPhase.Busy);
        var second = world.Forge.Enqueue(TimeSpan.FromMinutes(1), group: "deploy");
        world.PassMinutes(10);

        var noTask = world.Outcomes().Where(o => o.Kind == OutcomeKind.NoTask).ToArray();
        noTask.Length.ShouldBeInRange(3, 9);
        noTask.Select(o => o.EndedAt).Zip(noTask.Skip(1).Select(o => o.EndedAt), (a, b) => (b - a).TotalSeconds).ShouldBeInOrder();
        world.Status.Waiting.ShouldHaveSingleItem().Why.ShouldContain("concurrency group");
        world.Cloud.Machines.Count.ShouldBe(2);
        world.Forge.State.Runners(ForgeScope.Admin).Count.ShouldBeLessThanOrEqualTo(2);

        world.Until(() => world.Forge.State.Job(second.Id).IsDone, 20);
        world.Forge.State.Job(first.Id).Status.ShouldBe(ForgeJobStatus.Success);
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public void A_job_taken_by_another_runner_leaves_an_idle_worker_and_no_registration()
    {
        using var world = new World().Started();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Clock.AdvanceUntil(
            () => world.Status.Workers.Any(w => w.Phase == WorkerPhase.Busy), TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(5))
                .ShouldBeTrue();
        world.Forge.State.Steal(job.Id);
        world.UntilPhase(WorkerPhase.Idle);
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.NoTask);
        world.Pass(2);
        world.Forge.State.Runners(ForgeScope.Admin).ShouldAllBe(r => r.Name == "another-runner");
    }

    [Fact]
    [Trait("Invariant", "J8")]
    public void A_job_may_run_for_hours_and_ends_at_the_one_limit_there_is()
    {
        using var world = new World().Started();
        var job = world.Forge.Enqueue(TimeSpan.FromHours(9));
        world.UntilPhase(WorkerPhase.Busy);
        world.PassMinutes(5 * 60);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Busy);
        world.Until(() => world.Forge.State.Job(job.Id).IsDone, 120);
        var outcome = world.Outcomes().ShouldHaveSingleItem();
        outcome.Kind.ShouldBe(OutcomeKind.Cancelled);
        outcome.Detail.ShouldContain("max_job_runtime");
        (outcome.EndedAt - outcome.Assignment.AssignedAt).TotalHours.ShouldBe(6, 0.01);
    }

    [Fact]
    [Trait("Invariant", "J8")]
    public void Without_the_limit_a_job_runs_to_its_end()
    {
        using var world = new World(with: s => s with { Timeouts = s.Timeouts with { MaxJobRuntime = TimeSpan.Zero } }).Started();
        var job = world.Forge.Enqueue(TimeSpan.FromHours(10));
        world.Until(() => world.Forge.State.Job(job.Id).IsDone, 11 * 60);
        world.Forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Invariant", "J9")]
    public void A_cancelled_job_frees_its_worker(bool hangs)
    {
        using var world = new World().Started();
        var job = world.Forge.Enqueue(TimeSpan.FromHours(2));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(20);
        var process = world.Cloud.Machines[0].Processes.Values.Single();
        process.IgnoresTerm = hangs;
        world.Forge.State.Cancel(job.Id);
        var cancelled = world.Clock.Now;
        world.UntilPhase(WorkerPhase.Idle);
        (world.Clock.Now - cancelled).TotalSeconds.ShouldBeInRange(15, 30);
        process.Alive.ShouldBeFalse();
        world.Pass(1);
        process.Cleaned.ShouldBeTrue();
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Cancelled);
    }

    [Fact]
    [Trait("Invariant", "J10")]
    public void Every_dispatch_is_recorded_with_its_times()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(2));
        world.UntilPhase(WorkerPhase.Idle);
        var launches = 0;
        world.Connector.RefusesLaunch = _ => ++launches == 1
            ? new FjBellows.Dispatch.SessionException(FjBellows.Dispatch.SessionErrorKind.LaunchFailed, "no space left on device") : null;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();

        var outcomes = world.Outcomes();
        outcomes.Select(o => o.Kind).ShouldBe([OutcomeKind.Completed, OutcomeKind.FailedToStart, OutcomeKind.Completed]);
        outcomes[1].Detail.ShouldContain("no space left");
        outcomes[1].Assignment.StartedAt.ShouldBeNull();
        outcomes[0].Ran.TotalMinutes.ShouldBe(2, 0.05);
        outcomes.ShouldAllBe(
            o => o.Assignment.AssignedAt <= o.EndedAt && (o.Assignment.StartedAt == null || o.Assignment.StartedAt <= o.EndedAt));
    }
}
