using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class OwnershipInvariantTests
{
    [Fact]
    [Trait("Invariant", "O1")]
    public void Instances_of_others_are_left_alone_and_warned_of_loudly()
    {
        using var world = new World();
        var sameTag = world.Cloud.Plant("cid-somebody", "cid", "fjb-0123456789abcdef");
        var tagOnly = world.Cloud.Plant("cid-bare", "cid");
        var ownerOnly = world.Cloud.Plant("other-x", "other", world.Ownership.Owner);
        world.Started();
        world.PassMinutes(60);
        new[] { sameTag, tagOnly, ownerOnly }.ShouldAllBe(m => m.GoneAt == null);
        world.Status.Totals.ForeignInstances.ShouldBe(2);
        world.Daemon.Notices.Count(n => n.Code == "foreign_instance").ShouldBe(2);
        world.Cloud.Calls.ShouldNotContainKey("delete");
    }

    [Fact]
    [Trait("Invariant", "O2")]
    public void An_instance_of_ours_that_no_journal_knows_is_deleted_after_two_listings_and_a_grace()
    {
        using var world = new World();
        var orphan = world.Cloud.Plant("cid-orphan", world.Ownership.Tag, world.Ownership.Owner);
        world.Started();
        world.Until(() => orphan.GoneAt is not null, 10);
        (orphan.GoneAt!.Value - orphan.Instance.CreatedAt).ShouldBeGreaterThan(TimeSpan.FromMinutes(2));
        world.UntilQuiet();
        world.Ledgers().ShouldHaveSingleItem().End.ShouldContain("orphaned");
    }

    [Fact]
    [Trait("Invariant", "O2")]
    public void An_orphan_whose_runner_works_is_deleted_when_its_job_is_over()
    {
        using var world = new World();
        var orphan = world.Cloud.Plant("cid-orphan", world.Ownership.Tag, world.Ownership.Owner);
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(40), "elsewhere");
        var runner = world.Forge.State.Register(ForgeScope.Admin, "cid-orphan-7");
        orphan.Add(new VirtualProcess(
            world.Clock, world.Forge.State,
            new JobLaunch(new DispatchId("cid-orphan-7"), runner.Uuid, runner.Token, ["elsewhere"], job.Handle)));
        world.Started();
        world.PassMinutes(30);
        orphan.GoneAt.ShouldBeNull();
        world.UntilQuiet();
        world.Forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success);
        orphan.GoneAt.ShouldNotBeNull();
    }

    [Fact]
    [Trait("Invariant", "O2")]
    public void A_lost_journal_leaks_nothing_and_loses_no_running_job()
    {
        using var world = new World().Started();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(20));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(20);
        world.Daemon.Kill();
        using var amnesiac = new VirtualDaemon(
            world.Clock,
            world.Daemon.Settings,
            new PoolPorts(world.Forge, world.Forge, world.Cloud, world.Connector, world.History, new VirtualWorkerNames()));
        amnesiac.Start();
        world.Clock.AdvanceUntil(() => world.Forge.State.Job(job.Id).IsDone && !world.Cloud.Alive.Any(), TimeSpan.FromMinutes(60))
            .ShouldBeTrue();
        world.Forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success);
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "O3")]
    public void Registrations_of_a_deployment_with_a_longer_name_are_left_alone()
    {
        using var world = new World().Started();
        string[] foreign = ["cid-arm-w001-1", "cid-w001", "cid-w001-x", "cid-w009-1", "cid", "cid-w001-1-1"];
        foreach (var name in foreign)
        {
            world.Forge.State.Register(ForgeScope.Admin, name);
        }

        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Status.Totals.WorkersGone == 1, 90);
        world.PassMinutes(10);
        world.Forge.State.Runners(ForgeScope.Admin).Select(r => r.Name).ShouldBe(foreign, ignoreOrder: true);
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public void A_registration_whose_answer_was_lost_is_found_and_deleted()
    {
        using var world = new World().Started();
        var lost = 0;
        world.Forge.LosesAnswer = call => call == "register" && ++lost == 1;
        world.Forge.Enqueue(TimeSpan.FromMinutes(4));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(6);
        world.Forge.State.Runners(ForgeScope.Admin).Count.ShouldBe(2);
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "O4")]
    public void A_leftover_that_could_not_be_deleted_at_once_is_deleted_after_two_listings()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(2), group: "g");
        world.UntilPhase(WorkerPhase.Busy);
        world.Forge.Enqueue(TimeSpan.FromMinutes(1), group: "g");
        world.Forge.Fails = call => call == "unregister" ? new ForgejoException(ForgejoErrorKind.Unreachable, "502") : null;
        world.PassMinutes(3);
        world.Forge.State.Runners(ForgeScope.Admin).Count.ShouldBeGreaterThan(0);
        world.Forge.Fails = null;
        world.UntilQuiet();
    }
}
