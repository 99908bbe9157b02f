using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Forge;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class WorkerInvariantTests
{
    [Fact]
    [Trait("Invariant", "W1")]
    public void Two_jobs_and_a_slow_boot_buy_two_workers_in_all()
    {
        using var world = new World(max: 8);
        world.Cloud.BootTakes = _ => TimeSpan.FromMinutes(5);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        world.Cloud.Machines.Count.ShouldBe(2);
    }

    [Fact]
    [Trait("Invariant", "W2")]
    public void The_intent_and_the_public_key_are_written_before_the_cloud_is_called()
    {
        using var world = new World().Started();
        var before = new List<string>();
        world.Cloud.Fails = call =>
        {
            if (call == "create")
            {
                before.AddRange(world.Daemon.Store.Ids.SelectMany(world.Daemon.Store.Events).Select(e => e.GetType().Name));
                before.Add(((WorkerProtocol.WorkerIntended)world.Daemon.Store.Events("worker-default-cid-w001")[0]).HostKey!);
            }

            return null;
        };
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        before.ShouldBe(["WorkerPlanned", "WorkerIntended", "ssh-ed25519 cid-w001"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [Trait("Invariant", "W2")]
    public void A_create_whose_answer_was_lost_is_found_by_name_and_not_bought_again(int jobs)
    {
        using var world = new World(max: 4);
        world.Cloud.LosesAnswer = call => call == "create";
        world.Started();
        for (var i = 0; i < jobs; i++)
        {
            world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        }

        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Cloud.Machines.Count.ShouldBe(jobs);
    }

    [Fact]
    [Trait("Invariant", "W2")]
    public void A_create_that_never_took_effect_is_given_up_and_made_good()
    {
        using var world = new World();
        var calls = 0;
        world.Cloud.Fails = call => call == "create" && ++calls == 1 ? new CloudException(CloudErrorKind.Transient, "502") : null;
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(1.5);
        calls.ShouldBe(1);
        world.UntilQuiet();
        calls.ShouldBe(2);
        world.EachJobRanOnce();
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(2.9)]
    [InlineData(3.05)]
    [Trait("Invariant", "W2")]
    public void A_daemon_killed_around_its_create_call_buys_one_worker(double secondsAfterIntent)
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Provisioning);
        world.Pass(secondsAfterIntent);
        world.Daemon.Restart();
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Cloud.Machines.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W3")]
    public void An_instance_listed_while_its_create_call_runs_is_that_create()
    {
        using var world = new World(max: 2, with: s => s with { Poll = s.Poll with { Instances = TimeSpan.FromSeconds(2) } });
        world.Cloud.CreateAnswerTakes = TimeSpan.FromSeconds(100);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Cloud.Machines.Count == 1);
        var listings = world.Cloud.Calls["list"];
        world.Pass(90);
        (world.Cloud.Calls["list"] - listings).ShouldBeGreaterThan(20);
        world.OnlyWorker.InstanceId.ShouldBeNull();

        world.UntilQuiet();
        world.Cloud.Machines.Count.ShouldBe(1);
        world.Daemon.Notices.ShouldNotContain(n => n.Message.Contains("O2", StringComparison.Ordinal));
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "W5")]
    public void A_worker_that_never_becomes_ready_is_removed_and_told()
    {
        using var world = new World();
        world.Cloud.BootTakes = number => number == 1 ? null : TimeSpan.FromSeconds(30);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Status.Totals.BootFailures == 1, 15);
        var lived = world.Clock.Now - world.Cloud.Machines[0].Instance.CreatedAt;
        lived.TotalMinutes.ShouldBe(10, 0.2);
        world.Daemon.Notices.ShouldContain(n => n.Kind == NoticeKind.Warning && n.Message.Contains("cloud-init still runs", StringComparison.Ordinal));
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "W6")]
    public void An_answer_that_comes_after_its_state_is_over_does_nothing()
    {
        // The registration's answer comes after the worker was given up.
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(5));
        world.UntilPhase(WorkerPhase.Provisioning);
        world.Clock.AdvanceUntil(() => world.Status.Workers.Any(w => w.Phase == WorkerPhase.Busy), TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(5)).ShouldBeTrue();
        world.Forge.Latency = TimeSpan.FromSeconds(10);
        var worker = world.OnlyWorker.Name;
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.ReapWorker(worker, Force: true, "test"));
        world.UntilQuiet();
        world.Outcomes()[0].Kind.ShouldBe(OutcomeKind.Lost);
        world.EachJobRanOnce();
    }

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
        seen.ShouldAllBe(w => (w.Phase == WorkerPhase.Busy) == (w.Current != null) && (w.Phase == WorkerPhase.Idle) == (w.IdleSince != null));
    }

    [Fact]
    [Trait("Invariant", "W9")]
    public void A_worker_that_fails_twice_in_a_row_for_its_own_reasons_is_drained()
    {
        using var world = new World(max: 1).Started();
        world.Connector.RefusesLaunch = launch => launch.Dispatch.Value.StartsWith("cid-w001", StringComparison.Ordinal)
            ? new SessionException(SessionErrorKind.LaunchFailed, "disk full") : null;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        world.Outcomes().Select(o => o.Kind).ShouldBe([OutcomeKind.FailedToStart, OutcomeKind.FailedToStart, OutcomeKind.Completed]);
        world.Ledgers()[0].End.ShouldContain("W9");
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "W9")]
    public void A_registration_that_forgejo_refuses_is_not_the_worker_s_fault()
    {
        using var world = new World(max: 1).Started();
        var refusals = 0;
        world.Forge.Fails = call => call == "register" && ++refusals <= 4 ? new ForgejoException(ForgejoErrorKind.Unreachable, "502") : null;
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
        // A process that the journal knows nothing of: somebody started it by hand.
        var machine = world.Cloud.Machines[0];
        var stray = world.Forge.State.Register(ForgeScope.Admin, "by-hand");
        world.Forge.Enqueue(TimeSpan.FromHours(2), "by-hand");
        machine.Add(new FjBellows.Sandbox.Virtual.VirtualProcess(
            world.Clock, world.Forge.State, new JobLaunch(new DispatchId("by-hand"), stray.Uuid, stray.Token, ["by-hand"], "")));
        world.UntilPhase(WorkerPhase.Draining, 60);
        world.PassMinutes(30);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Draining);
        machine.GoneAt.ShouldBeNull();
        world.UntilQuiet();
        world.Forge.State.Jobs().ShouldAllBe(j => j.Status == ForgeJobStatus.Success);
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
        world.Daemon.Notices.ShouldNotContain(n => n.Message.Contains("O2", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Invariant", "W13")]
    public void After_a_restart_an_idle_worker_works_once_it_is_reached_again()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        world.Cloud.Machines[0].Unreachable = true;
        world.Daemon.Kill();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Daemon.Start();
        world.PassMinutes(1);
        world.OnlyWorker.Linked.ShouldBeFalse();
        world.Forge.State.Job(job.Id).Starts.ShouldBe(0);
        world.Cloud.Machines[0].Unreachable = false;
        world.Until(() => world.Forge.State.Job(job.Id).IsDone);
        world.Cloud.Machines.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W13")]
    public void After_a_restart_a_worker_that_is_not_reached_drains()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        world.Cloud.Machines[0].Unreachable = true;
        world.Daemon.Restart();
        world.Until(() => world.Status.Workers.Count == 0, 5);
        world.Ledgers().ShouldHaveSingleItem().End.ShouldContain("unreachable");
    }

    [Fact]
    [Trait("Invariant", "S1")]
    public void A_worker_that_shows_another_key_gets_nothing_and_is_removed()
    {
        using var world = new World().Started();
        world.Cloud.BootTakes = _ => TimeSpan.FromMinutes(2);
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Cloud.Machines.Count == 1);
        world.Cloud.Machines[0].WrongHostKey = true;
        world.Cloud.Machines[0].BreakLinks();
        world.UntilQuiet();
        world.Cloud.Machines[0].Processes.ShouldBeEmpty();
        world.Ledgers()[0].End.ShouldContain("S1");
        world.EachJobRanOnce();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(280)]
    [Trait("Invariant", "W14")]
    public void A_running_job_survives_a_broken_link(double secondsUnreachable)
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(10));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(15);
        var machine = world.Cloud.Machines[0];
        machine.Unreachable = secondsUnreachable > 0;
        machine.BreakLinks();
        world.Pass(secondsUnreachable);
        machine.Unreachable = false;
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Completed);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20 * 60)]
    [Trait("Invariant", "W14")]
    public void A_running_job_survives_the_daemon_s_death_and_is_recorded_once(double secondsDown)
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(10));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(15);
        world.Daemon.Kill();
        world.Pass(secondsDown);
        world.Daemon.Start();
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Completed);
        world.Cloud.Machines.Count.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public void A_start_whose_answer_was_lost_is_not_made_twice()
    {
        using var world = new World().Started();
        var lost = 0;
        world.Connector.LosesLaunchAnswer = _ => ++lost == 1;
        world.Forge.Enqueue(TimeSpan.FromMinutes(3));
        world.UntilQuiet();
        lost.ShouldBe(1);
        world.EachJobRanOnce();
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Completed);
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
        world.Daemon.Ask<PoolProtocol.Refused>(new PoolProtocol.ReapWorker(name, Force: false, "ada")).Why.ShouldContain("W15");
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Busy);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.ReapWorker(name, Force: true, "ada"));
        world.Until(() => world.Cloud.Machines[0].GoneAt is not null);
        world.Outcomes()[0].Kind.ShouldBe(OutcomeKind.Lost);
        world.Daemon.Ask<PoolProtocol.Refused>(new PoolProtocol.ReapWorker("nobody", Force: false, "ada")).Why.ShouldContain("no worker 'nobody'");
    }
}
