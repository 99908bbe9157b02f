using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

public sealed class SettingsTests
{
    [Fact]
    public void A_higher_maximum_provisions_for_jobs_that_wait()
    {
        using var world = new World(max: 1).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(20));
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(5);
        world.Status.Workers.Count.ShouldBe(1);

        Change(world, s => s with { Max = 2 });

        world.Status.Max.ShouldBe(2);
        world.Until(() => world.Status.Workers.Count == 2, 1);
    }

    [Fact]
    public void Other_labels_serve_other_jobs()
    {
        using var world = new World().Started();
        Change(world, s => s with { Labels = LabelSet.Parse(["large"]) });
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));

        world.PassMinutes(3);

        world.Cloud.Machines.ShouldBeEmpty();
        world.Status.Labels.ShouldBe(["large"]);
    }

    [Fact]
    [Trait("Invariant", "B1")]
    public void Another_margin_moves_the_deadline_of_a_worker_that_idles()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Busy);
        world.UntilPhase(WorkerPhase.Idle);
        var created = world.OnlyWorker.CreatedAt!.Value;

        Change(world, s => s with { Teardown = new TeardownSettings(s.Teardown.IdleTimeout, TimeSpan.FromMinutes(40)) });
        world.Pass(1);

        world.OnlyWorker.TeardownDeadline.ShouldBe(created.AddMinutes(20));
        world.Until(() => world.Status.Workers.Count == 0, 30);
        world.Clock.Now.ShouldBeLessThan(created.AddMinutes(25));
    }

    [Fact]
    public void Another_interval_is_kept_from_now_on()
    {
        using var world = new World(with: s => s with { Poll = s.Poll with { Interval = TimeSpan.FromHours(1) } }).Started();
        world.Pass(5);
        Change(world, s => s with { Poll = s.Poll with { Interval = TimeSpan.FromSeconds(10) } });
        world.Pass(5);
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));

        world.Until(() => world.Status.Workers.Count == 1, 0.5);
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public void A_pool_does_not_become_another_one()
    {
        using var world = new World().Started();
        var settings = world.Daemon.Settings;

        world.Daemon.Ask<CommandRefused>(
            new PoolProtocol.ChangeSettings(settings with { Name = "other" }, world.Daemon.Ports, "ada"));
        world.Daemon.Ask<CommandRefused>(
            new PoolProtocol.ChangeSettings(
                settings with { Ownership = settings.Ownership with { Tag = "other" } }, world.Daemon.Ports, "ada"));

        world.Status.Name.ShouldBe(settings.Name);
    }

    [Fact]
    public void A_jobs_reason_for_waiting_is_reported_once_and_again_when_it_is_another_one()
    {
        using var world = new World(max: 1).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(20));
        world.UntilPhase(WorkerPhase.Busy);
        var second = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.PassMinutes(5);
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.Pause("ada"));
        world.PassMinutes(5);

        var told = world.Daemon.Notices.Where(n => n.Kind == NoticeKind.JobWaits && n.JobId == second.Id).ToArray();

        told.Length.ShouldBe(2);
        told[0].Message.ShouldContain("scale.max");
        told[1].Message.ShouldEndWith("paused by ada");
    }

    [Fact]
    public void A_provisioned_worker_names_its_job()
    {
        using var world = new World().Started();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Busy);

        world.Daemon.Notices.ShouldContain(n => n.Kind == NoticeKind.WorkerPlanned && n.JobId == job.Id && n.Worker == "cid-w001");
    }

    [Fact]
    [Trait("Invariant", "S4")]
    public void A_command_on_a_worker_is_reported_without_its_text_and_disturbs_no_job()
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(5));
        world.UntilPhase(WorkerPhase.Busy);

        world.Daemon.Ask<CommandRefused>(new PoolProtocol.RunOnWorker("cid-w009", "true", TimeSpan.FromSeconds(5), "ada")).Why
            .ShouldContain("there is no worker");
        world.Daemon.Tell(new PoolProtocol.RunOnWorker("cid-w001", "echo canary", TimeSpan.FromSeconds(5), "ada"));
        world.UntilQuiet();

        world.Daemon.Notices.ShouldContain(
            n => n.Kind == NoticeKind.Operator && n.Worker == "cid-w001" && n.Message == "ada runs a command on cid-w001");
        world.Daemon.Notices.ShouldAllBe(n => !n.Message.Contains("canary"));
        world.EachJobRanOnce();
    }

    private static void Change(World world, Func<PoolSettings, PoolSettings> change) =>
        world.Daemon.Ask<PoolProtocol.Done>(new PoolProtocol.ChangeSettings(change(world.Daemon.Settings), world.Daemon.Ports, "ada"));
}
