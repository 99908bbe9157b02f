using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class OperatorTests
{
    [Fact]
    public void A_pause_outlives_a_restart_and_a_resume_ends_it()
    {
        using var world = new World().Started();
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Pause("ada"));
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(3);
        world.Daemon.Restart();
        world.PassMinutes(3);
        world.Status.Paused.ShouldBeTrue();
        world.Status.Waiting.ShouldHaveSingleItem().Why.ShouldBe("paused by ada");
        world.Cloud.Machines.ShouldBeEmpty();
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Resume("ada"));
        world.Until(() => world.Forge.State.Job(job.Id).IsDone);
    }

    [Fact]
    public void Workers_can_be_provisioned_ahead_within_the_maximum()
    {
        using var world = new World(max: 2).Started();
        world.Pass(5);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.ProvisionWorkers(2, "ada"));
        world.Daemon.Ask<CommandRefused>(new PoolProtocol.ProvisionWorkers(1, "ada")).Why.ShouldContain("scale.max");
        world.Until(() => world.Status.Workers.Count(w => w.Phase == WorkerPhase.Idle) == 2);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.DrainWorker("cid-w001", "ada"));
        world.Until(() => world.Status.Workers.Count == 1);
    }

    [Fact]
    public void A_single_use_worker_ends_after_its_job_and_not_after_a_dispatch_without_one()
    {
        using var world = new World(max: 2, with: s => s with { SingleUse = true }).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(5), group: "g");
        world.Forge.Enqueue(TimeSpan.FromMinutes(5), group: "g");
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Cloud.Machines.Count.ShouldBe(2);
        world.Cloud.Machines.ShouldAllBe(m => m.Processes.Values.Count(p => p.ExitCode == 0) == 1);
        world.Cloud.Machines.Max(m => m.Processes.Count).ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(0)]
    [Trait("Invariant", "J10")]
    public void A_single_use_worker_whose_runner_was_killed_under_its_job_takes_no_other(int signal)
    {
        using var world = new World(max: 1, with: s => s with { SingleUse = true }).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(30));
        world.UntilPhase(WorkerPhase.Busy);
        world.Until(() => world.Cloud.Machines[0].Processes.Count == 1);
        world.Pass(60);
        var runner = world.Cloud.Machines[0].Processes.Values.Single();
        if (signal > 0)
        {
            runner.DieOf(signal);
        }
        else
        {
            runner.Vanish();
        }

        world.Until(() => world.Outcomes().Count == 1);
        world.Outcomes()[0].Kind.ShouldBe(OutcomeKind.Lost);
        world.Until(() => world.Status.Workers.Count == 0, 5);
    }

    [Fact]
    public void The_maximum_zero_provisions_nothing_and_says_so()
    {
        using var world = new World(max: 0).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(5);
        world.Cloud.Machines.ShouldBeEmpty();
        world.Status.Waiting.ShouldHaveSingleItem().Why.ShouldContain("scale.max");
    }

    [Fact]
    public void A_quiet_queue_is_asked_rarely_and_a_busy_one_every_second()
    {
        using var world = new World().Started();
        world.PassMinutes(10);
        world.Forge.Calls["jobs"].ShouldBeInRange(58, 63);
        world.Forge.Enqueue(TimeSpan.FromSeconds(10));
        world.PassMinutes(2);
        var before = world.Forge.Calls["jobs"];
        world.PassMinutes(1);
        (world.Forge.Calls["jobs"] - before).ShouldBeInRange(55, 75);
        world.PassMinutes(5);
        world.Status.Workers.ShouldHaveSingleItem().Phase.ShouldBe(WorkerPhase.Idle);
        before = world.Forge.Calls["jobs"];
        world.PassMinutes(1);
        (world.Forge.Calls["jobs"] - before).ShouldBeInRange(55, 75, "a worker that is paid for waits for the next job");
        world.Until(() => world.Status.Workers.Count == 0, 60);
        before = world.Forge.Calls["jobs"];
        world.PassMinutes(10);
        (world.Forge.Calls["jobs"] - before).ShouldBeInRange(58, 63);
    }
}
