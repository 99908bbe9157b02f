using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class ManagedNetworkTests
{
    [Fact]
    public void It_is_made_at_the_start_and_removed_with_the_last_worker()
    {
        using var world = Networked(out var network);
        world.Started().Pass(5);
        network.Exists.ShouldBeTrue();
        world.Cloud.Machines.ShouldBeEmpty();

        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Forge.Enqueue(TimeSpan.FromMinutes(3));
        world.UntilQuiet();

        network.Exists.ShouldBeFalse();
        network.Releases.Count.ShouldBe(1);
        network.Wrong.ShouldBe(0);
        world.Cloud.Machines.Count.ShouldBe(2);
    }

    [Fact]
    public void It_is_kept_while_any_worker_lives_and_made_again_for_the_next_one()
    {
        using var world = Networked(out var network);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        network.Exists.ShouldBeFalse();
        var ensures = network.Ensures.Count;

        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Busy);
        network.Exists.ShouldBeTrue();
        network.Ensures.Count.ShouldBe(ensures + 1);
        network.Releases.Count.ShouldBe(1);
        world.UntilQuiet();
        network.Exists.ShouldBeFalse();
        network.Wrong.ShouldBe(0);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void Without_the_permission_for_it_nothing_is_provisioned_until_an_operator_reconciles()
    {
        using var world = Networked(out var network);
        network.Fails = _ => new CloudException(CloudErrorKind.Auth, "the token lacks the scope firewall:read_write");
        world.Started();
        world.Pass(5);
        world.Status.ProvisioningSuspended.ShouldBe(
            "cannot make the managed network; fix the error and run 'fj-bellows reconcile': the token lacks the scope firewall:read_write");
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(60);
        network.Ensures.Count.ShouldBe(1);
        world.Cloud.Calls.ShouldNotContainKey("create");
        world.Status.Waiting.ShouldHaveSingleItem().Why.ShouldContain("firewall:read_write");
        world.Daemon.Ask<CommandRefused>(new PoolProtocol.ProvisionWorkers(1, "ada")).Why.ShouldContain("firewall:read_write");
        world.Daemon.Notices.Count(n => n.Kind == NoticeKind.Warning && n.Message.Contains("firewall:read_write", StringComparison.Ordinal))
            .ShouldBe(1);

        network.Fails = null;
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Reconcile("ada"));
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Invariant", "R2")]
    public void A_failure_that_passes_is_retried_later_and_later_and_holds_provisioning_meanwhile(bool silent)
    {
        using var world = Networked(out var network);
        if (silent)
        {
            network.Takes = TimeSpan.FromDays(1);
        }
        else
        {
            network.Fails = _ => new CloudException(CloudErrorKind.Transient, "503: try again");
        }

        world.Started();
        world.Pass(silent ? 130 : 1);
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(20);
        world.Cloud.Calls.ShouldNotContainKey("create");
        network.Ensures.Count.ShouldBeInRange(4, silent ? 8 : 11);
        world.Status.ProvisioningSuspended.ShouldNotBeNull().ShouldContain(silent ? "no answer within" : "503: try again");

        network.Fails = null;
        network.Takes = TimeSpan.FromSeconds(1);
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Daemon.Notices.ShouldContain(n => n.Message == "the managed network is made; provisioning resumes");
    }

    [Fact]
    public void It_follows_what_moves_and_a_failed_refresh_leaves_provisioning_free()
    {
        using var world = Networked(out var network);
        network.RefreshInterval = TimeSpan.FromHours(1);
        world.Started();
        world.PassMinutes(62);
        network.Ensures.Count.ShouldBe(2);

        network.Fails = _ => new CloudException(CloudErrorKind.Auth, "the token is refused");
        world.PassMinutes(60);
        network.Ensures.Count.ShouldBe(3);
        world.Status.ProvisioningSuspended.ShouldBeNull();
        world.Daemon.Notices.ShouldContain(
            n => n.Kind == NoticeKind.Warning
                && n.Message.Contains("cannot bring the managed network up to date: the token is refused", StringComparison.Ordinal));

        network.Fails = null;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        var ensures = network.Ensures.Count;
        world.PassMinutes(300);
        network.Ensures.Count.ShouldBe(ensures, "what is removed is not refreshed");
        network.Exists.ShouldBeFalse();
    }

    [Fact]
    public void A_removal_is_repeated_while_something_uses_it_or_the_cloud_refuses()
    {
        using var world = Networked(out var network);
        network.StillInUse = true;
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => network.Releases.Count >= 3, 180);
        network.Fails = call => call == "release" ? new CloudException(CloudErrorKind.Transient, "500: no") : null;
        world.PassMinutes(20);
        world.Daemon.Notices.Count(
            n => n.Message.Contains("cannot delete the managed network with the last worker: 500: no", StringComparison.Ordinal))
                .ShouldBe(1);
        network.Exists.ShouldBeTrue();
        network.Fails = null;
        network.StillInUse = false;
        world.Until(() => !network.Exists);
        var releases = network.Releases.Count;
        world.PassMinutes(60);
        network.Releases.Count.ShouldBe(releases);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(9.0)]
    [InlineData(11.0)]
    [InlineData(20.0)]
    public void A_worker_planned_while_it_is_being_removed_ends_the_removal(double after)
    {
        using var world = Networked(out var network);
        network.Takes = TimeSpan.FromSeconds(15);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Busy);
        world.Until(() => world.Status.Workers.Count == 0, 180);
        world.Pass(after);
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Status.Workers.Count > 0);
        world.UntilPhase(WorkerPhase.Busy);
        network.Exists.ShouldBeTrue();
        world.UntilQuiet();
        network.Wrong.ShouldBe(0);
        network.Exists.ShouldBeFalse();
        world.EachJobRanOnce();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_shutdown_that_deletes_the_workers_removes_it_too(bool worker)
    {
        using var world = Networked(out var network);
        network.Takes = TimeSpan.FromSeconds(2);
        world.Started();
        if (worker)
        {
            world.Forge.Enqueue(TimeSpan.FromMinutes(1));
            world.UntilPhase(WorkerPhase.Idle);
        }

        world.Pass(5);
        world.Daemon.Tell(new PoolProtocol.DrainPool(DeleteWorkers: true));
        world.Until(() => !network.Exists, 5);
        network.Wrong.ShouldBe(0);
        world.Cloud.Alive.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public void A_restart_with_workers_keeps_it()
    {
        using var world = Networked(out var network);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(10));
        world.UntilPhase(WorkerPhase.Busy);
        world.Daemon.Restart();
        world.PassMinutes(2);
        network.Releases.ShouldBeEmpty();
        network.Exists.ShouldBeTrue();
        world.UntilQuiet();
        network.Exists.ShouldBeFalse();
        network.Wrong.ShouldBe(0);
    }

    private static World Networked(out NetworkedCloud network)
    {
        NetworkedCloud? around = null;
        var world = new World(around: (clock, cloud) => around = new NetworkedCloud(clock, cloud));
        network = around!;
        return world;
    }
}
