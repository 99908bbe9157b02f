using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class ResilienceInvariantTests
{
    [Fact]
    [Trait("Invariant", "R1")]
    public void A_forgejo_and_a_cloud_that_never_answer_hang_nothing()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        world.Forge.Latency = TimeSpan.FromHours(10);
        world.Cloud.Latency = TimeSpan.FromHours(10);
        world.PassMinutes(5);
        world.Status.Sources.Where(s => s.Source != PoolSource.Journal).ShouldAllBe(s => s.Error!.Contains("no answer within"));
        world.Forge.Latency = world.Cloud.Latency = TimeSpan.FromMilliseconds(10);
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Theory]
    [InlineData(CloudErrorKind.CapacityOut, 8, 14)]
    [InlineData(CloudErrorKind.QuotaExceeded, 5, 9)]
    [InlineData(CloudErrorKind.Auth, 1, 1)]
    [InlineData(CloudErrorKind.InvalidConfig, 1, 1)]
    [Trait("Invariant", "R2")]
    public void Refused_creates_back_off_and_those_that_cannot_work_stop(CloudErrorKind kind, int least, int most)
    {
        using var world = new World();
        world.Cloud.Fails = call => call == "create" ? new CloudException(kind, "no") : null;
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(30);
        world.Cloud.Calls["create"].ShouldBeInRange(least, most);
        world.Status.ProvisioningSuspended.ShouldNotBeNull().ShouldContain("no");
        world.Status.Waiting.ShouldHaveSingleItem().Reason.Code.ShouldBeOneOf("create_backoff", "create_refused");
        world.Cloud.Fails = null;
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Reconcile("ada"));
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void The_wait_that_a_source_asks_for_is_kept()
    {
        using var world = new World().Started();
        world.Pass(1);
        world.Forge.Fails = call => call == "jobs"
            ? new ForgejoException(ForgejoErrorKind.RateLimited, "slow down", TimeSpan.FromMinutes(5))
            : null;
        world.Pass(20);
        var calls = world.Forge.Calls["jobs"];
        world.PassMinutes(4);
        world.Forge.Calls["jobs"].ShouldBe(calls);
        world.PassMinutes(2);
        world.Forge.Calls["jobs"].ShouldBe(calls + 1);
    }

    [Fact]
    [Trait("Invariant", "R3")]
    public void Freshness_is_kept_for_each_source()
    {
        using var world = new World().Started();
        world.PassMinutes(1);
        world.Cloud.Fails = call => call == "list" ? new CloudException(CloudErrorKind.Auth, "401: the token is refused") : null;
        world.PassMinutes(10);
        var status = world.Status;
        status.Sources.Where(s => s.IsStale(status.At)).Select(s => s.Source).ShouldBe([PoolSource.Instances]);
        status.Sources.Single(s => s.Source == PoolSource.Instances).Error.ShouldBe("401: the token is refused");
        world.Daemon.Notices.Count(n => n.Message.Contains("401", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Invariant", "R4")]
    public void Draining_starts_nothing_removes_what_is_being_provisioned_and_lets_jobs_end(bool destroy)
    {
        using var world = new World(max: 3);
        world.Cloud.BootTakes = number => TimeSpan.FromSeconds(number == 2 ? 300 : 20);
        world.Started();
        var running = world.Forge.Enqueue(TimeSpan.FromMinutes(10));
        world.UntilPhase(WorkerPhase.Busy);
        var waiting = world.Forge.Enqueue(TimeSpan.FromMinutes(10));
        world.UntilPhase(WorkerPhase.Provisioning);
        world.Pass(10);

        world.Daemon.Tell(new PoolProtocol.DrainPool(destroy));
        world.Pass(10);
        world.Cloud.Machines[1].GoneAt.ShouldNotBeNull();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(15);
        world.Forge.State.Job(running.Id).IsDone.ShouldBeTrue();
        world.Forge.State.Job(waiting.Id).Starts.ShouldBe(0);
        world.Cloud.Alive.Count().ShouldBe(destroy ? 0 : 1);
        world.Cloud.Machines.Count.ShouldBe(2);
        world.Daemon.Ask<PoolProtocol.Drained>(new PoolProtocol.DrainPool(destroy)).WorkersLeft.ShouldBe(destroy ? 0 : 1);
    }

    [Fact]
    [Trait("Invariant", "R5")]
    public void A_journal_that_cannot_be_written_stops_provisioning_and_dispatch_and_kills_nothing()
    {
        using var world = new World(max: 3).Started();
        var running = world.Forge.Enqueue(TimeSpan.FromMinutes(10));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(15);
        world.Daemon.Store.OnWrite = (_, _) => new IOException("no space left on device");
        var late = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(5);
        world.Cloud.Machines.Count.ShouldBe(1);
        world.Forge.State.Job(late.Id).Starts.ShouldBe(0);
        world.Cloud.Machines[0].Processes.Values.Single().Alive.ShouldBeTrue();
        world.Daemon.System.Errors.ShouldContain(e => e.Contains("journal", StringComparison.Ordinal));

        world.Daemon.Store.OnWrite = null;
        world.Until(() => world.Forge.State.Jobs().All(j => j.IsDone), 30);
        world.EachJobRanOnce();
        world.Forge.State.Job(running.Id).Status.ShouldBe(FjBellows.Sandbox.Forge.ForgeJobStatus.Success);
        world.Until(() => world.Status.Workers.Count == 0 && !world.Cloud.Alive.Any(), 120);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Invariant", "R5")]
    public void A_journal_that_cannot_be_written_leaves_running_jobs_their_links(bool foreseen)
    {
        using var world = new World(max: 3);
        var broken = false;
        using var daemon = new FjBellows.Sandbox.Virtual.VirtualDaemon(
            world.Clock,
            world.Daemon.Settings,
            new PoolPorts(
                world.Forge, world.Forge, world.Cloud, world.Connector, new FailingHistory(world.History, () => broken && foreseen),
                new FjBellows.Sandbox.Virtual.VirtualWorkerNames()));
        daemon.Store.OnWrite = (_, _) => broken ? new IOException("no space left on device") : null;
        daemon.Start();
        world.Forge.Enqueue(TimeSpan.FromMinutes(40));
        world.Until(() => world.Cloud.Machines.Any(m => m.Processes.Count == 1));
        world.PassMinutes(1);
        world.Connector.Dials.ShouldBe(1);

        broken = true;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(20);
        world.Connector.Dials.ShouldBeLessThanOrEqualTo(
            foreseen ? 1 : 30, "a write that nothing depends on tells first; one that is refused unforeseen costs a link a minute at most");
        if (foreseen)
        {
            daemon.Status().Sources.Single(s => s.Source == PoolSource.Journal).Error.ShouldBe("database is locked");
            daemon.Ask<CommandRefused>(new PoolProtocol.Pause("ada")).Why.ShouldContain("the journal cannot be written");
        }

        broken = false;
        world.Clock.AdvanceUntil(() => world.Forge.State.Jobs().All(j => j.IsDone), TimeSpan.FromMinutes(40)).ShouldBeTrue();
        world.EachJobRanOnce();
        daemon.Status().Sources.Single(s => s.Source == PoolSource.Journal).Error.ShouldBeNull();
    }

    [Fact]
    [Trait("Invariant", "R3")]
    public void Nothing_is_provisioned_for_a_queue_that_was_last_read_long_ago()
    {
        using var world = new World(FjBellows.Billing.BillingModel.PerSecond, max: 4).Started();
        world.Cloud.Fails = call => call == "create" ? new CloudException(CloudErrorKind.CapacityOut, "no") : null;
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Status.Waiting.Count == 1);
        world.Forge.Fails = _ => new ForgejoException(ForgejoErrorKind.Unreachable, "connection refused");
        world.PassMinutes(2);
        world.Cloud.Fails = null;
        world.PassMinutes(600);
        world.Cloud.Machines.ShouldBeEmpty();
        world.Status.Waiting.ShouldHaveSingleItem().Why.ShouldContain("connection refused");
        world.Forge.Fails = null;
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.5)]
    [Trait("Invariant", "R4")]
    public void The_command_to_delete_all_reaches_workers_that_had_not_read_their_journals(double seconds)
    {
        using var world = new World(max: 3).Started();
        for (var i = 0; i < 3; i++)
        {
            world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        }

        world.Until(() => world.Status.Workers.Count(w => w is { Phase: WorkerPhase.Idle, JobsRun: 1 }) == 3);
        world.Daemon.Store.WriteTakes = TimeSpan.FromSeconds(1);
        world.Daemon.Restart();
        world.Pass(seconds);
        world.Daemon.Tell(new PoolProtocol.DrainPool(DeleteWorkers: true));
        world.Until(() => !world.Cloud.Alive.Any(), 5);
        world.Pass(10);
        world.Daemon.Ask<PoolProtocol.Drained>(new PoolProtocol.DrainPool(DeleteWorkers: true)).WorkersLeft.ShouldBe(0);
    }

    [Fact]
    [Trait("Invariant", "R4")]
    public void A_worker_abandoned_before_its_first_boot_document_is_made_is_never_created()
    {
        using var world = new World(max: 1);
        using var daemon = new FjBellows.Sandbox.Virtual.VirtualDaemon(
            world.Clock,
            world.Daemon.Settings,
            new PoolPorts(
                world.Forge, world.Forge, world.Cloud, new SlowSeed(world.Connector, world.Clock), world.History,
                new FjBellows.Sandbox.Virtual.VirtualWorkerNames()));
        daemon.Start();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => daemon.Status().Workers.Count == 1);
        daemon.Tell(new PoolProtocol.DrainPool(DeleteWorkers: false));
        world.PassMinutes(2);
        world.Cloud.Machines.ShouldBeEmpty();
        world.Cloud.Calls.ContainsKey("create").ShouldBeFalse();
        daemon.Ask<PoolProtocol.Drained>(new PoolProtocol.DrainPool(DeleteWorkers: false)).WorkersLeft.ShouldBe(0);
        world.Ledgers().ShouldHaveSingleItem().End.ShouldContain("never created");
    }

    [Fact]
    [Trait("Invariant", "R5")]
    public void A_history_that_cannot_be_written_holds_dispatches_until_it_can()
    {
        var broken = true;
        using var world = new World(max: 1);
        var history = new FailingHistory(world.History, () => broken);
        using var daemon = new FjBellows.Sandbox.Virtual.VirtualDaemon(
            world.Clock,
            world.Daemon.Settings,
            new PoolPorts(
                world.Forge, world.Forge, world.Cloud, world.Connector, history, new FjBellows.Sandbox.Virtual.VirtualWorkerNames()));
        daemon.Start();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        var second = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(10);
        world.Forge.State.Job(second.Id).Starts.ShouldBe(0);
        daemon.Status().Sources.Single(s => s.Source == PoolSource.Journal).Error.ShouldBe("database is locked");
        broken = false;
        world.Clock.AdvanceUntil(() => world.Forge.State.Job(second.Id).IsDone, TimeSpan.FromMinutes(5)).ShouldBeTrue();
        world.Outcomes().Count.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    [InlineData(23)]
    [Trait("Invariant", "R6")]
    public void A_jump_of_the_clock_neither_deletes_a_fleet_nor_keeps_one(int minutes)
    {
        using var world = new World(
            FjBellows.Billing.BillingModel.PerSecond, max: 3,
            s => s with { Teardown = new(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(5)) }).Started();
        for (var i = 0; i < 3; i++)
        {
            world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        }

        world.Until(() => world.Status.Workers.Count(w => w.Phase == WorkerPhase.Idle && w.JobsRun == 1) == 3);
        var idleSince = world.Clock.Now;
        world.Daemon.System.Life.WallOffset = TimeSpan.FromMinutes(minutes);
        world.PassMinutes(3);
        world.Status.Workers.Count(w => w.Phase == WorkerPhase.Idle).ShouldBe(3);
        world.Daemon.System.Life.WallOffset = TimeSpan.Zero;
        world.UntilQuiet();
        world.Cloud.Machines.ShouldAllBe(
            m => m.GoneAt! - idleSince < TimeSpan.FromMinutes(21) && m.GoneAt! - idleSince > TimeSpan.FromMinutes(18));
    }

    [Fact]
    [Trait("Invariant", "R7")]
    public void Removed_workers_leave_nothing_behind_but_their_ledger()
    {
        using var world = new World(FjBellows.Billing.BillingModel.PerSecond, max: 2).Started();
        for (var i = 0; i < 150; i++)
        {
            world.Forge.Enqueue(TimeSpan.FromSeconds(20));
            world.PassMinutes(8);
        }

        world.UntilQuiet();
        world.Cloud.Machines.Count.ShouldBe(150);
        world.Daemon.Store.EventCount.ShouldBeLessThan(101);
        world.Ledgers().Count.ShouldBe(150);
        world.Status.Recent.Count.ShouldBeLessThanOrEqualTo(200);
    }

    [Fact]
    [Trait("Invariant", "R7")]
    public void The_history_keeps_what_its_retention_says()
    {
        using var world = new World(
            FjBellows.Billing.BillingModel.PerSecond, max: 2, s => s with { HistoryRetention = TimeSpan.FromHours(4) }).Started();
        world.Forge.Enqueue(TimeSpan.FromSeconds(20));
        world.PassMinutes(3 * 60);
        world.Ledgers().Count.ShouldBe(1);
        world.PassMinutes(3 * 60);
        world.Ledgers().ShouldBeEmpty();
        world.Outcomes().ShouldBeEmpty();
    }

    private sealed class SlowSeed(IWorkerConnector inner, FjBellows.Sandbox.Virtual.VirtualClock clock) : IWorkerConnector
    {
        public async Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken)
        {
            await clock.Delay(TimeSpan.FromSeconds(10), cancellationToken);
            return await inner.SeedAsync(worker, cancellationToken);
        }

        public Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken) =>
            inner.ConnectAsync(endpoint, cancellationToken);
    }

    private sealed class FailingHistory(IPoolHistory inner, Func<bool> broken) : IPoolHistory
    {
        public Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken) =>
            broken() ? Task.FromException(new IOException("database is locked")) : inner.AppendAsync(outcome, cancellationToken);

        public Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken) =>
            broken() ? Task.FromException(new IOException("database is locked")) : inner.AppendAsync(ledger, cancellationToken);

        public Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(
            string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
            inner.OutcomesAsync(pool, since, limit, cancellationToken);

        public Task<IReadOnlyList<WorkerLedger>> LedgersAsync(
            string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
            inner.LedgersAsync(pool, since, limit, cancellationToken);

        public Task ProbeAsync(CancellationToken cancellationToken) =>
            broken() ? Task.FromException(new IOException("database is locked")) : Task.CompletedTask;

        public Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => inner.PruneAsync(before, cancellationToken);
    }
}
