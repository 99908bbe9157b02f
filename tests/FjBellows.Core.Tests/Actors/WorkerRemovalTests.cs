using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Forge;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

/// <summary>How a worker ends: drained, deleted, or lost; and what does not end it.</summary>
public sealed class WorkerRemovalTests
{
    [Fact]
    [Trait("Invariant", "W7")]
    public void A_deletion_is_repeated_until_it_is_proven_and_the_worker_never_works_again()
    {
        using var world = new World(max: 1).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        world.Cloud.Fails = call => call == "delete" ? new CloudException(CloudErrorKind.Conflict, "locked") : null;
        world.UntilPhase(WorkerPhase.Removing, 70);
        var late = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(60);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Removing);
        world.Forge.State.Job(late.Id).Starts.ShouldBe(0);
        world.Cloud.Calls["delete"].ShouldBeInRange(55, 75);
        world.Cloud.Fails = null;
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Ledgers()[0].MissedBoundaries.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public void A_deletion_whose_answer_is_lost_is_asked_about_and_a_404_is_success()
    {
        using var world = new World(FjBellows.Billing.BillingModel.PerSecond);
        world.Cloud.LosesAnswer = call => call == "delete";
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        world.Cloud.Calls["delete"].ShouldBe(2);
    }

    [Fact]
    [Trait("Invariant", "W8")]
    public void State_job_and_time_change_in_one_step()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        var seen = new List<WorkerView>();
        world.Clock.AdvanceUntil(
            () =>
            {
                seen.AddRange(world.Status.Workers);
                return world.Outcomes().Count == 1 && world.Status.Workers.Any(w => w.Phase == WorkerPhase.Idle);
            },
            TimeSpan.FromMinutes(5),
            TimeSpan.FromMilliseconds(50)).ShouldBeTrue();
        seen.ShouldContain(w => w.Phase == WorkerPhase.Busy);
        seen.ShouldAllBe(
            w => (w.Phase == WorkerPhase.Busy) == (w.Current != null) && (w.Phase == WorkerPhase.Idle) == (w.IdleSince != null));
    }

    [Fact]
    [Trait("Invariant", "W9")]
    public void The_only_worker_is_replaced_after_seven_failures_in_a_row()
    {
        using var world = new World(max: 1).Started();
        world.Connector.RefusesLaunch = launch => launch.Dispatch.Value.StartsWith("cid-w001", StringComparison.Ordinal)
            ? new SessionException(SessionErrorKind.LaunchFailed, "disk full") : null;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        world.Outcomes().Select(o => o.Kind)
            .ShouldBe([.. Enumerable.Repeat(OutcomeKind.FailedToStart, DispatchBreaker.FailuresOfOnly), OutcomeKind.Completed]);
        world.Ledgers()[0].End.ShouldContain("7 dispatches in a row failed");
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "W9")]
    public void A_registration_that_forgejo_refuses_is_not_the_worker_s_fault()
    {
        using var world = new World(max: 1).Started();
        var refusals = 0;
        world.Forge.Fails = call => call == "register" && ++refusals <= 4
            ? new ForgejoException(ForgejoErrorKind.Unreachable, "502")
            : null;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        world.Cloud.Machines.Count.ShouldBe(1);
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "W10")]
    public void A_worker_on_which_a_runner_lives_is_not_deleted_though_thought_idle()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var machine = world.Cloud.Machines[0];
        StartByHand(world, machine, TimeSpan.FromHours(2));
        world.UntilPhase(WorkerPhase.Draining, 60);
        world.PassMinutes(30);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Draining);
        machine.GoneAt.ShouldBeNull();
        world.UntilQuiet();
        world.Forge.State.Jobs().ShouldAllBe(j => j.Status == ForgeJobStatus.Success);
    }

    [Fact]
    [Trait("Invariant", "W10")]
    public void A_worker_with_a_stray_runner_that_is_not_reached_any_more_is_deleted_in_the_end()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var machine = world.Cloud.Machines[0];
        StartByHand(world, machine, TimeSpan.FromHours(20));
        world.UntilPhase(WorkerPhase.Draining, 60);
        world.PassMinutes(30);
        machine.BreakLinks();
        world.PassMinutes(10);
        machine.GoneAt.ShouldBeNull("a link that comes back proves that it lives");
        machine.Unreachable = true;
        machine.BreakLinks();
        world.PassMinutes(10);
        machine.GoneAt.ShouldBeNull();
        world.Until(() => machine.GoneAt is not null, 15);
        world.Until(() => world.Status.Workers.Count == 0);
        world.Ledgers().ShouldHaveSingleItem().End.ShouldContain("unreachable");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [Trait("Invariant", "W11")]
    public void Absence_from_listings_alone_loses_no_worker(int listings)
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(20));
        world.UntilPhase(WorkerPhase.Busy);
        var before = world.Cloud.Calls["list"];
        world.Cloud.Hides = _ => world.Cloud.Calls["list"] <= before + listings;
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Completed);
    }

    [Fact]
    [Trait("Invariant", "W11")]
    public void A_worker_that_the_cloud_no_longer_has_is_lost_and_its_job_recorded_so()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(20));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(30);
        world.Cloud.Machines[0].Destroy(world.Clock.Now);
        world.PassMinutes(5);
        world.Outcomes().ShouldBeEmpty("a link that broke five minutes ago may come back, whatever the cloud says (W14)");
        world.Until(() => world.Outcomes().Count == 1, 3);
        world.Outcomes()[0].Kind.ShouldBe(OutcomeKind.Lost);
        world.Until(() => world.Status.Workers.Count == 0, 5);
    }

    [Fact]
    [Trait("Invariant", "W10")]
    [Trait("Invariant", "W14")]
    public void A_job_outlives_a_cloud_that_denies_its_machine_while_its_link_is_frozen()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(20));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(30);
        world.Cloud.Hides = world.Cloud.Denies = _ => true;
        world.Cloud.Machines[0].Unreachable = true;
        world.Cloud.Machines[0].BreakLinks();
        world.PassMinutes(4);
        world.Cloud.Machines[0].Unreachable = false;
        world.PassMinutes(3);
        world.Cloud.Hides = world.Cloud.Denies = null;
        world.Until(() => world.Outcomes().Count == 1, 30);
        world.Outcomes()[0].Kind.ShouldBe(OutcomeKind.Completed);
    }

    [Fact]
    [Trait("Invariant", "W12")]
    public void A_listing_older_than_a_deletion_resurrects_nothing_and_one_older_than_a_creation_kills_nothing()
    {
        using var world = new World(FjBellows.Billing.BillingModel.PerSecond).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var machine = world.Cloud.Machines[0].Instance;
        var beforeDeletion = world.Clock.Now;
        for (var i = 0; i < 3; i++)
        {
            world.Daemon.Tell(new PoolProtocol.InstancesObserved([], machine.CreatedAt.AddSeconds(-i)));
        }

        world.Pass(1);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Idle);

        world.Until(() => world.Status.Workers.Count == 0);
        world.Pass(1);
        for (var i = 0; i < 3; i++)
        {
            world.Daemon.Tell(new PoolProtocol.InstancesObserved([machine], beforeDeletion.AddSeconds(i)));
        }

        world.Status.Workers.ShouldBeEmpty();
        world.Daemon.Notices.ShouldNotContain(n => n.Code == "orphan_found");
    }

    [Fact]
    [Trait("Invariant", "W15")]
    public void A_busy_worker_is_not_removed_without_force()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(5));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(5);
        var name = world.OnlyWorker.Name;
        world.Daemon.Ask<CommandRefused>(new PoolProtocol.DeleteWorker(name, Force: false, "ada")).Why.ShouldContain("--force");
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Busy);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.DeleteWorker(name, Force: true, "ada"));
        world.Until(() => world.Cloud.Machines[0].GoneAt is not null);
        world.Outcomes()[0].Kind.ShouldBe(OutcomeKind.Lost);
        world.Daemon.Ask<CommandRefused>(new PoolProtocol.DeleteWorker("nobody", Force: false, "ada")).Why
            .ShouldContain("no worker 'nobody'");
    }

    /// <summary>A process that the journal knows nothing of.</summary>
    private static void StartByHand(World world, FjBellows.Sandbox.Virtual.VirtualMachine machine, TimeSpan takes)
    {
        var stray = world.Forge.State.Register(ForgeScope.Admin, "by-hand");
        world.Forge.Enqueue(takes, "by-hand");
        machine.Add(new FjBellows.Sandbox.Virtual.VirtualProcess(
            world.Clock, world.Forge.State, new JobLaunch(new DispatchId("by-hand"), stray.Uuid, stray.Token, ["by-hand"], "")));
    }
}
