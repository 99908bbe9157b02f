using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

/// <summary>What seeded histories found, each as the shortest story that shows it.</summary>
public sealed class FoundBySimulationTests
{
    [Fact]
    [Trait("Invariant", "J5")]
    [Trait("Invariant", "W12")]
    public void A_reconciliation_does_not_make_an_outdated_queue_believed_again()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(5));
        world.UntilPhase(WorkerPhase.Provisioning);
        world.Forge.Fails = call => call == "jobs" ? new ForgejoException(ForgejoErrorKind.Unreachable, "502") : null;
        world.Until(() => world.Outcomes().Count == 1);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Reconcile("ada"));
        world.PassMinutes(2);
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Completed);
        world.Cloud.Machines.SelectMany(m => m.Processes).Count().ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W10")]
    [Trait("Invariant", "W11")]
    public void A_worker_that_answers_is_not_lost_though_the_cloud_denies_it()
    {
        using var world = new World().Started();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(10));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(5);
        world.Cloud.Hides = world.Cloud.Denies = _ => true;
        world.PassMinutes(9);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Busy);
        world.Cloud.Hides = world.Cloud.Denies = null;
        world.UntilQuiet();
        world.Forge.State.Job(job.Id).Status.ShouldBe(FjBellows.Sandbox.Forge.ForgeJobStatus.Success);
        world.Cloud.Machines.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W15")]
    public void A_worker_that_is_just_being_given_a_job_is_not_removed_without_force()
    {
        using var world = new World(with: s => s with { Max = 1 }).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var worker = world.OnlyWorker.Name;
        world.Daemon.Store.WriteTakes = TimeSpan.FromSeconds(10);
        var dispatched = world.Daemon.Notices.Count(n => n.Kind == NoticeKind.JobDispatched);
        world.Forge.Enqueue(TimeSpan.FromMinutes(3));
        world.Until(() => world.Daemon.Notices.Count(n => n.Kind == NoticeKind.JobDispatched) > dispatched);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Idle);
        world.Daemon.Ask<PoolProtocol.Refused>(new PoolProtocol.ReapWorker(worker, Force: false, "ada")).Why.ShouldContain("W15");
        world.Daemon.Store.WriteTakes = TimeSpan.Zero;
        world.UntilQuiet();
        world.EachJobRanOnce();
    }
}
