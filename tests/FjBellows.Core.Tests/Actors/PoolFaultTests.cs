using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

/// <summary>Faults that cost machines, jobs or the pool itself before, each with what it may cost now.</summary>
public sealed class PoolFaultTests
{
    [Fact]
    [Trait("Invariant", "W17")]
    [Trait("Invariant", "W18")]
    public void Dispatches_that_always_fail_cost_no_more_than_the_bound_and_recover_by_a_probe()
    {
        using var world = new World(BillingModel.PerSecond, max: 3).Started();
        world.Connector.RefusesLaunch = _ => new SessionException(
            SessionErrorKind.LaunchFailed, "x509: certificate signed by unknown authority");
        for (var i = 0; i < 6; i++)
        {
            world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        }

        world.PassMinutes(6 * 60);
        world.Cloud.Machines.Count.ShouldBeLessThanOrEqualTo(3 + 6);
        world.Status.Hold.ShouldNotBeNull().IsBreaker.ShouldBeTrue();
        world.Daemon.Notices.ShouldContain(n => n.Code == "dispatch_suspended" && n.Message.Contains("x509", StringComparison.Ordinal));
        world.Connector.RefusesLaunch = null;
        world.Until(() => world.Forge.State.Jobs().All(j => j.IsDone), 120);
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "W18")]
    public void Images_that_never_boot_cost_one_probe_an_hour()
    {
        using var world = new World(BillingModel.PerSecond, max: 5);
        world.Cloud.BootTakes = _ => null;
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(12 * 60);
        world.Cloud.Machines.Count.ShouldBeLessThanOrEqualTo(ProvisioningBackoff.NeverReadyLimit + 12);
        world.Status.Hold.ShouldBeOfType<ProvisioningHold.NeverReady>().IsBreaker.ShouldBeTrue();
        world.Status.Waiting.ShouldHaveSingleItem().Reason.Code.ShouldBe("never_ready");
        world.Cloud.BootTakes = _ => TimeSpan.FromSeconds(40);
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_token_that_may_not_register_runners_suspends_provisioning()
    {
        using var world = new World(BillingModel.PerSecond, max: 5).Started();
        world.Forge.Fails = call => call == "register"
            ? new ForgejoException(ForgejoErrorKind.Unauthorized, "403: token lacks write:admin", TimeSpan.FromDays(3000))
            : null;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(12 * 60);
        world.Cloud.Machines.Count.ShouldBe(1);
        world.Status.Hold.ShouldBeOfType<ProvisioningHold.RegistrationRefused>().Message.ShouldContain("403");
        world.Forge.Fails = null;
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Reconcile("ada"));
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "J14")]
    public void A_job_that_is_listed_and_never_handed_out_costs_one_worker()
    {
        using var world = new World(max: 5).Started();
        world.Forge.Withholds = _ => true;
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(5 * 60);
        world.Cloud.Machines.Count.ShouldBe(1);
        world.Cloud.Alive.ShouldBeEmpty("its tries do not keep the worker");
        var wait = world.Status.Waiting.ShouldHaveSingleItem();
        wait.Reason.Code.ShouldBe("not_handed_out");
        wait.Why.ShouldContain("Actions switched off");

        // Something of its repository ends on another runner: Forgejo may hand it out now.
        world.Forge.Withholds = null;
        var other = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Forge.State.Steal(other.Id);
        world.PassMinutes(1);
        world.Forge.State.Cancel(other.Id);
        world.Until(() => world.Forge.State.Job(job.Id).IsDone, 30);
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "R3")]
    public void The_registrations_are_listed_while_short_jobs_come_and_go()
    {
        using var world = new World(max: 2).Started();
        world.Pass(30);
        var before = world.Forge.Calls["runners"];
        for (var i = 0; i < 60; i++)
        {
            world.Forge.Enqueue(TimeSpan.FromSeconds(3));
            world.Pass(10);
        }

        (world.Forge.Calls["runners"] - before).ShouldBeGreaterThan(8);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(-20)]
    [Trait("Invariant", "B8")]
    public void A_cloud_whose_clock_differs_costs_no_extra_hour_and_is_reported(int minutes)
    {
        using var world = new World(max: 1);
        world.Cloud.ClockOffset = TimeSpan.FromMinutes(minutes);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Status.Totals.WorkersGone == 1, 180);
        var lived = world.Cloud.Machines[0].GoneAt!.Value - (world.Cloud.Machines[0].Instance.CreatedAt - world.Cloud.ClockOffset);
        lived.TotalMinutes.ShouldBeInRange(54, 60);
        world.Status.CloudClockDifference.TotalMinutes.ShouldBe(minutes, 0.2);
        world.Daemon.Notices.Count(n => n.Code == "cloud_clock").ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "O5")]
    public void An_instance_that_another_daemon_created_is_reported_and_left_alone()
    {
        using var world = new World().Started();
        world.PassMinutes(10);
        var other = world.Cloud.Plant("cid-other", world.Ownership.Tag, world.Ownership.Owner);
        world.PassMinutes(60);
        other.GoneAt.ShouldBeNull();
        world.Status.Totals.OtherDaemonInstances.ShouldBe(1);
        world.Daemon.Notices.Count(n => n.Code == "other_daemon").ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "O7")]
    public void A_sibling_pool_s_instances_are_not_called_foreign()
    {
        using var world = new World(with: s => s with { Siblings = new HashSet<string> { "fjb-0123456789abcdef" } });
        world.Cloud.Plant("cid-sibling", "cid", "fjb-0123456789abcdef");
        world.Started();
        world.PassMinutes(10);
        world.Status.Totals.ForeignInstances.ShouldBe(0);
        world.Daemon.Notices.ShouldNotContain(n => n.Code == "foreign_instance");
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public void A_deletion_that_does_not_finish_says_so_and_an_operator_can_release_it()
    {
        using var world = new World(BillingModel.PerSecond, max: 1).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Busy);
        world.Cloud.Fails = call => call == "delete"
            ? new FjBellows.Providers.CloudException(FjBellows.Providers.CloudErrorKind.Transient, "500")
            : null;
        world.UntilPhase(WorkerPhase.Removing, 30);
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(20);
        world.Status.Waiting.ShouldHaveSingleItem().Why.ShouldContain("1 is being deleted since");
        var worker = world.OnlyWorker.Name;
        world.Daemon.Ask<CommandRefused>(new PoolProtocol.ReleaseWorker("cid-none", "ada"));
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.ReleaseWorker(worker, "ada"));
        world.Until(() => world.Forge.State.Job(job.Id).IsDone, 20);
        world.Cloud.Fails = null;
        world.UntilQuiet();
    }

    [Fact]
    [Trait("Invariant", "R10")]
    public void A_worker_whose_journal_cannot_be_read_is_isolated_and_can_be_released()
    {
        using var world = new World(BillingModel.PerSecond, max: 2).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var lost = world.OnlyWorker.Name;
        world.Daemon.Kill();
        world.Daemon.Store.OnRead = id => id.EndsWith(lost, StringComparison.Ordinal)
            ? new InvalidOperationException("an event of it cannot be read")
            : null;
        world.Daemon.Start();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Forge.State.Job(job.Id).IsDone, 20);
        world.Daemon.Notices.ShouldContain(n => n.Code == "worker_unreadable" && n.Worker == lost);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.ReleaseWorker(lost, "ada"));
        world.Until(() => !world.Cloud.Alive.Any(), 60);
    }

    [Fact]
    [Trait("Invariant", "R9")]
    public void A_record_that_the_store_refuses_for_its_content_is_dropped_and_stops_nothing()
    {
        using var world = new World(max: 1);
        using var daemon = new FjBellows.Sandbox.Virtual.VirtualDaemon(
            world.Clock,
            world.Daemon.Settings,
            new PoolPorts(
                world.Forge, world.Forge, world.Cloud, world.Connector, new Picky(world.History),
                new FjBellows.Sandbox.Virtual.VirtualWorkerNames()));
        daemon.Start();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        var second = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Clock.AdvanceUntil(() => world.Forge.State.Job(second.Id).IsDone, TimeSpan.FromMinutes(15)).ShouldBeTrue();
        daemon.Notices.Count(n => n.Code == "record_dropped").ShouldBeGreaterThan(0);
        daemon.Status().Sources.Single(s => s.Source == PoolSource.Journal).Error.ShouldBeNull();
    }

    private sealed class Picky(IPoolHistory inner) : IPoolHistory
    {
        public Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken) =>
            Task.FromException(new HistoryRefusedException(HistoryRefusal.Content, "invalid byte sequence for encoding \"UTF8\": 0x00"));

        public Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken) => inner.AppendAsync(ledger, cancellationToken);

        public Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(
            string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
            inner.OutcomesAsync(pool, since, limit, cancellationToken);

        public Task<IReadOnlyList<WorkerLedger>> LedgersAsync(
            string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
            inner.LedgersAsync(pool, since, limit, cancellationToken);

        public Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => inner.PruneAsync(before, cancellationToken);
    }
}
