using FjBellows.Billing;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class ReserveTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Invariant", "B2")]
    public void An_idle_worker_of_the_reserve_goes_on_into_the_next_hour_on_purpose(bool restarts)
    {
        using var world = new World(with: s => s with { Reserve = new ConstantReserve(1) }).Started();
        world.UntilPhase(WorkerPhase.Idle);
        world.PassMinutes(30);
        if (restarts)
        {
            world.Daemon.Restart();
            world.UntilPhase(WorkerPhase.Idle);
        }

        world.PassMinutes(60);
        var worker = world.OnlyWorker;
        (worker.Phase, worker.JobsRun).ShouldBe((WorkerPhase.Idle, 0));
        worker.Why.ShouldContain("kept for the reserve until");
        world.Cloud.Machines.Count.ShouldBe(1);
        if (restarts)
        {
            // What was begun on purpose is in the journal.
            world.Daemon.Restart();
            world.UntilPhase(WorkerPhase.Idle);
        }

        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Pause("ada"));
        world.Until(() => !world.Cloud.Alive.Any(), 40, "the end of its second hour");
        (world.Cloud.Machines[0].GoneAt!.Value - world.Cloud.Machines[0].Instance.CreatedAt).TotalMinutes.ShouldBeInRange(115, 120);
        world.Pass(30);
        var ledger = world.Ledgers().ShouldHaveSingleItem();
        (ledger.Billed, ledger.MissedBoundaries).ShouldBe((TimeSpan.FromHours(2), 0));
    }

    [Fact]
    [Trait("Invariant", "B1")]
    public void A_pool_that_cannot_see_its_queue_gives_the_reserve_up_within_three_hours()
    {
        using var world = new World(with: s => s with { Reserve = new ConstantReserve(1) }).Started();
        world.UntilPhase(WorkerPhase.Idle);
        world.Pass(30);
        world.Forge.Fails = call => call == "jobs"
            ? new FjBellows.Jobs.ForgejoException(FjBellows.Jobs.ForgejoErrorKind.Unreachable, "down")
            : null;
        world.PassMinutes(240);
        var first = world.Cloud.Machines[0];
        first.GoneAt.ShouldNotBeNull();
        (first.GoneAt.Value - first.Instance.CreatedAt).ShouldBeLessThan(TimeSpan.FromHours(3));
    }

    [Fact]
    public void By_the_second_the_reserve_outlives_the_idle_timeout()
    {
        using var world = new World(BillingModel.PerSecond, with: s => s with { Reserve = new ConstantReserve(1) }).Started();
        world.UntilPhase(WorkerPhase.Idle);
        world.PassMinutes(60);
        world.Cloud.Machines.Count.ShouldBe(1);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Idle);
    }
}
