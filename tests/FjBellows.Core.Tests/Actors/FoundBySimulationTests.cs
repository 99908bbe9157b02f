using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
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
        world.Daemon.Ask<CommandRefused>(new PoolProtocol.DeleteWorker(worker, Force: false, "ada")).Why.ShouldContain("--force");
        world.Daemon.Store.WriteTakes = TimeSpan.Zero;
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "J5")]
    public void A_workers_last_word_does_not_undo_what_another_worker_did_since()
    {
        using var world = new World(max: 2).Started();
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.ProvisionWorkers(2, "ada"));
        world.Until(() => world.Status.Workers.Count(w => w.Phase == WorkerPhase.Idle) == 2);
        var launches = 0;
        world.Connector.RefusesLaunch = _ => ++launches == 1
            ? new SessionException(SessionErrorKind.LaunchFailed, "no space left on device")
            : null;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Outcomes().Count == 1);
        var failed = world.Outcomes()[0].Worker;

        // The worker that failed goes, and is not gone before another has run the job; the queue's last view still shows it waiting.
        world.Cloud.Fails = call => call == "delete" ? new CloudException(CloudErrorKind.Transient, "busy") : null;
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.DeleteWorker(failed, Force: false, "ada"));
        world.Until(() => world.Status.Workers.Any(w => w.Phase == WorkerPhase.Busy));
        world.Forge.Fails = call => call == "jobs" ? new ForgejoException(ForgejoErrorKind.Unreachable, "502") : null;
        world.Until(() => world.Outcomes().Count == 2);
        world.Cloud.Fails = null;
        world.Until(() => world.Ledgers().Any(l => l.Worker == failed));
        world.Pass(10);
        world.Outcomes().Select(o => o.Kind).ShouldBe([OutcomeKind.FailedToStart, OutcomeKind.Completed], ignoreOrder: true);
        world.Cloud.Machines.SelectMany(m => m.Processes).Count().ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_wish_for_a_fresher_view_does_not_put_the_next_try_off()
    {
        using var world = new World(max: 8).Started();
        world.Pass(1);
        world.Forge.Fails = call => call == "jobs"
            ? new ForgejoException(ForgejoErrorKind.RateLimited, "slow down", TimeSpan.FromMinutes(1))
            : null;
        world.Pass(20);
        var calls = world.Forge.Calls["jobs"];
        for (var i = 0; i < 8; i++)
        {
            // Each becomes idle, and an idle worker wants to know of jobs.
            world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.ProvisionWorkers(1, "ada"));
            world.Pass(40);
        }

        world.Status.Workers.Count(w => w.Phase == WorkerPhase.Idle).ShouldBeGreaterThan(5);
        world.Forge.Calls["jobs"].ShouldBeInRange(calls + 5, calls + 6);
        calls = world.Forge.Calls["jobs"];
        world.Pass(5);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Reconcile("ada"));
        world.Pass(1);
        world.Forge.Calls["jobs"].ShouldBe(calls + 1);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_reconcile_during_a_look_is_followed_by_another()
    {
        using var world = new World().Started();
        world.Pass(2);
        world.Forge.Latency = TimeSpan.FromSeconds(2);
        var calls = world.Forge.Calls["jobs"];
        world.Until(() => world.Forge.Calls["jobs"] == calls + 1);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Reconcile("ada"));
        world.Pass(3);
        world.Forge.Calls["jobs"].ShouldBe(calls + 2);
    }
}
