using FjBellows.Billing;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class MainJobTests
{
    [Fact]
    public void A_waiting_job_becomes_a_vm_a_run_a_warm_vm_and_no_vm()
    {
        using var world = new World().Started();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(4));

        world.UntilPhase(WorkerPhase.Busy);
        world.Until(() => world.Forge.State.Job(job.Id).IsDone);
        world.UntilPhase(WorkerPhase.Idle);
        world.Cloud.Alive.Count().ShouldBe(1);

        world.UntilQuiet();
        world.EachJobRanOnce();
        var machine = world.Cloud.Machines.ShouldHaveSingleItem();
        (machine.GoneAt!.Value - machine.Instance.CreatedAt).TotalMinutes.ShouldBeInRange(55, 60);
        var ledger = world.Ledgers().ShouldHaveSingleItem();
        (ledger.Jobs, ledger.Billed, ledger.MissedBoundaries).ShouldBe((1, TimeSpan.FromHours(1), 0));
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Completed);
    }

    [Fact]
    public void A_second_job_finds_the_worker_warm()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var second = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Forge.State.Job(second.Id).IsDone);
        world.Cloud.Machines.Count.ShouldBe(1);
        world.Forge.State.Job(second.Id).Current!.Wait.ShouldBeLessThan(TimeSpan.FromSeconds(2));
        world.UntilQuiet();
        world.Outcomes().Select(o => o.Assignment.Warm).ShouldBe([false, true]);
    }

    [Fact]
    public void More_jobs_than_workers_are_served_oldest_first_and_at_once()
    {
        using var world = new World(max: 2).Started();
        var jobs = Enumerable.Range(0, 10).Select(_ => world.Forge.Enqueue(TimeSpan.FromMinutes(2))).ToArray();
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Cloud.Machines.Count.ShouldBe(2);
        world.Forge.State.Jobs().OrderBy(j => j.Current!.StartedAt).Select(j => j.Id).ShouldBe(jobs.Select(j => j.Id));
    }

    [Fact]
    public void By_the_second_a_worker_ends_after_its_idle_timeout()
    {
        using var world = new World(BillingModel.PerSecond).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        var machine = world.Cloud.Machines.ShouldHaveSingleItem();
        var idle = machine.GoneAt!.Value - machine.Processes.Values.Single().EndedAt!.Value;
        idle.TotalMinutes.ShouldBeInRange(5, 5.5);
    }
}
