using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class BillingInvariantTests
{
    [Theory]
    [InlineData("forgejo")]
    [InlineData("listing")]
    [InlineData("paused")]
    [InlineData("restart")]
    [Trait("Invariant", "B1")]
    public void The_deadline_needs_nobody_s_help(string trouble)
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        switch (trouble)
        {
            case "forgejo":
                world.Forge.Fails = _ => new ForgejoException(ForgejoErrorKind.Unreachable, "down");
                break;
            case "listing":
                world.Cloud.Fails = call => call == "list" ? new CloudException(CloudErrorKind.Transient, "500") : null;
                break;
            case "paused":
                world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Pause("ada"));
                break;
            default:
                world.PassMinutes(20);
                world.Daemon.Kill();
                world.PassMinutes(20);
                world.Daemon.Start();
                break;
        }

        world.Until(() => !world.Cloud.Alive.Any(), 70);
        var machine = world.Cloud.Machines.ShouldHaveSingleItem();
        (machine.GoneAt!.Value - machine.Instance.CreatedAt).TotalMinutes.ShouldBeInRange(55, 60);
    }

    [Fact]
    [Trait("Invariant", "B2")]
    public void A_busy_worker_rolls_into_a_second_hour_and_ends_with_it()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(70));
        world.UntilQuiet();
        var machine = world.Cloud.Machines.ShouldHaveSingleItem();
        (machine.GoneAt!.Value - machine.Instance.CreatedAt).TotalMinutes.ShouldBeInRange(115, 120);
        world.Ledgers()[0].Billed.ShouldBe(TimeSpan.FromHours(2));
        world.Status.Totals.MissedBoundaries.ShouldBe(0);
    }

    [Fact]
    [Trait("Invariant", "B2")]
    public void A_worker_found_idle_in_a_later_hour_uses_what_is_billed()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        world.Daemon.Kill();
        world.PassMinutes(70);
        world.Daemon.Start();
        world.Pass(20);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Idle);
        world.UntilQuiet();
        var ledger = world.Ledgers().ShouldHaveSingleItem();
        (ledger.Billed, ledger.MissedBoundaries).ShouldBe((TimeSpan.FromHours(2), 1));
    }

    [Fact]
    [Trait("Invariant", "B3")]
    public void A_job_that_ends_inside_the_margin_leaves_nobody_behind_and_the_next_gets_a_fresh_worker()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(56));
        world.UntilPhase(WorkerPhase.Busy);
        world.Until(() => world.Outcomes().Count == 1, 70);
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Cloud.Machines[0].GoneAt is not null, 2);
        (world.Cloud.Machines[0].GoneAt!.Value - world.Cloud.Machines[0].Instance.CreatedAt).TotalMinutes.ShouldBeInRange(56, 60);
        world.UntilQuiet();
        world.Cloud.Machines.Count.ShouldBe(2);
        world.Cloud.Machines.ShouldAllBe(m => m.Processes.Count == 1);
    }

    [Fact]
    [Trait("Invariant", "B4")]
    public void By_the_second_the_minimum_charge_is_used_up_first()
    {
        using var world = new World(BillingModel.PerSecondAtLeast(TimeSpan.FromMinutes(30))).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilQuiet();
        var machine = world.Cloud.Machines.ShouldHaveSingleItem();
        (machine.GoneAt!.Value - machine.Instance.CreatedAt).TotalMinutes.ShouldBeInRange(30, 31);
    }

    [Fact]
    [Trait("Invariant", "B5")]
    public void A_deletion_that_fails_at_the_deadline_is_retried_and_the_extra_hour_is_reported()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        world.Cloud.Fails = call => call == "delete" ? new CloudException(CloudErrorKind.Transient, "500") : null;
        world.PassMinutes(70);
        world.Cloud.Fails = null;
        world.UntilQuiet();
        world.Status.Totals.MissedBoundaries.ShouldBe(1);
        world.Daemon.Notices.ShouldContain(
            n => n.Kind == NoticeKind.Warning && n.Message.Contains("extra period", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Invariant", "B2")]
    public void A_day_of_office_hours_misses_no_boundary()
    {
        using var world = new World(max: 6).Started();
        var random = new Random(7);
        for (var minute = 0; minute < 8 * 60; minute += random.Next(1, 25))
        {
            for (var burst = random.Next(1, 5); burst > 0; burst--)
            {
                world.Forge.Enqueue(TimeSpan.FromSeconds(random.Next(20, 1200)));
            }

            world.PassMinutes(random.Next(1, 25));
        }

        world.UntilQuiet(600);
        world.EachJobRanOnce();
        world.Ledgers().ShouldAllBe(l => l.MissedBoundaries == 0);
        world.Ledgers().ShouldAllBe(l => l.GoneAt - l.CreatedAt <= l.Billed);
    }
}
