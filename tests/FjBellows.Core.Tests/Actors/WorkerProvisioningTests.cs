using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

/// <summary>From the intent to buy a worker until it is ready, or given up.</summary>
public sealed class WorkerProvisioningTests
{
    [Fact]
    [Trait("Invariant", "W1")]
    public void Two_jobs_and_a_slow_boot_provision_two_workers_in_all()
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
        before.ShouldBe(["WorkerPlanned", "WorkerIntended", VirtualConnector.KeyOf("cid-w001")], ignoreOrder: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [Trait("Invariant", "W2")]
    public void A_create_whose_answer_was_lost_is_found_by_name_and_not_created_again(int jobs)
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
    public void A_daemon_killed_around_its_create_call_provisions_one_worker(double secondsAfterIntent)
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
        world.Daemon.Notices.ShouldNotContain(n => n.Code == "orphan_found");
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "W5")]
    public void A_worker_that_never_becomes_ready_is_removed_and_reported()
    {
        using var world = new World();
        world.Cloud.BootTakes = number => number == 1 ? null : TimeSpan.FromSeconds(30);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Status.Totals.BootFailures == 1, 15);
        var lived = world.Clock.Now - world.Cloud.Machines[0].Instance.CreatedAt;
        lived.TotalMinutes.ShouldBe(10, 0.2);
        world.Daemon.Notices.ShouldContain(
            n => n.Kind == NoticeKind.Warning && n.Message.Contains("cloud-init still runs", StringComparison.Ordinal));
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
        world.Clock.AdvanceUntil(
            () => world.Status.Workers.Any(w => w.Phase == WorkerPhase.Busy), TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(5))
                .ShouldBeTrue();
        world.Forge.Latency = TimeSpan.FromSeconds(10);
        var worker = world.OnlyWorker.Name;
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.DeleteWorker(worker, Force: true, "test"));
        world.UntilQuiet();
        world.Outcomes()[0].Kind.ShouldBe(OutcomeKind.Lost);
        world.EachJobRanOnce();
    }
}
