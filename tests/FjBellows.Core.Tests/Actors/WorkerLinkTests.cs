using FjBellows.Sandbox.Virtual;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

/// <summary>Restarts and broken links: what a worker does when it is reached again, and when it is not.</summary>
public sealed class WorkerLinkTests
{
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
        world.Pass(20);
        world.OnlyWorker.Usable.ShouldBeFalse();
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
        world.Ledgers()[0].End.ShouldContain("host key mismatch");
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "S2")]
    [Trait("Invariant", "S1")]
    public void A_key_that_was_trusted_on_first_use_is_the_pin_across_restarts()
    {
        using var world = new World();
        world.Connector.SeedsHostKeys = false;
        var dialled = new List<string?>();
        world.Connector.Dialling = endpoint => dialled.Add(endpoint.HostKey);
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var worker = world.OnlyWorker.Name;
        dialled.ShouldAllBe(key => key == null);
        world.Daemon.Store.Ids.SelectMany(world.Daemon.Store.Events).OfType<WorkerProtocol.HostKeyPinned>().ShouldHaveSingleItem().HostKey
            .ShouldBe(VirtualConnector.KeyOf(worker));

        dialled.Clear();
        world.Daemon.Restart();
        world.UntilPhase(WorkerPhase.Idle);
        dialled.ShouldNotBeEmpty();
        dialled.ShouldAllBe(key => key == VirtualConnector.KeyOf(worker));

        world.Daemon.Kill();
        world.Cloud.Machines[0].WrongHostKey = true;
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Daemon.Start();
        world.Until(() => world.Forge.State.Job(job.Id).IsDone);
        world.UntilQuiet();
        world.Cloud.Machines[0].Processes.ShouldHaveSingleItem("the stranger is given no second job");
        world.Ledgers().Single(l => l.Worker == worker).End.ShouldContain("host key mismatch");
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "S2")]
    public void A_key_that_was_trusted_on_first_use_is_the_pin_of_the_next_dial_too()
    {
        using var world = new World();
        world.Connector.SeedsHostKeys = false;
        world.Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var machine = world.Cloud.Machines[0];
        machine.WrongHostKey = true;
        machine.BreakLinks();

        world.Until(() => machine.GoneAt is not null, 2, "the stranger is removed");
        world.Ledgers().ShouldHaveSingleItem().End.ShouldContain("host key mismatch");
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
    [Trait("Invariant", "W14")]
    public void A_running_job_is_followed_again_by_a_worker_that_could_take_no_other()
    {
        using var world = new World(max: 1).Started();
        var job = world.Forge.Enqueue(TimeSpan.FromMinutes(30));
        world.UntilPhase(WorkerPhase.Busy);
        world.Pass(30);
        world.Cloud.Machines[0].Unready = "docker info: cannot connect to the Docker daemon";
        world.Daemon.Restart();
        world.Cloud.Machines[0].BreakLinks();
        world.Pass(30);
        world.OnlyWorker.Usable.ShouldBeTrue();
        world.PassMinutes(25);
        world.OnlyWorker.Phase.ShouldBe(WorkerPhase.Busy);

        var next = world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Forge.State.Job(job.Id).IsDone);
        world.Outcomes().ShouldHaveSingleItem().Kind.ShouldBe(OutcomeKind.Completed);
        world.Pass(20);
        world.Forge.State.Job(next.Id).Starts.ShouldBe(0, "the next job wants a worker that is ready");
        world.OnlyWorker.Usable.ShouldBeFalse();
        world.Cloud.Machines[0].Unready = null;
        world.Until(() => world.Forge.State.Job(next.Id).IsDone);
        world.Cloud.Machines.Count.ShouldBe(1);
        world.UntilQuiet();
        world.EachJobRanOnce();
    }

    [Fact]
    [Trait("Invariant", "W9")]
    public void A_start_on_a_worker_that_stays_unready_is_given_up()
    {
        using var world = new World(max: 1).Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Idle);
        var machine = world.Cloud.Machines[0];
        world.Forge.AnswerTakes = TimeSpan.FromSeconds(5);
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Busy);
        machine.Unready = "docker info: cannot connect to the Docker daemon";
        machine.BreakLinks();
        world.PassMinutes(20);
        world.Forge.AnswerTakes = TimeSpan.Zero;
        world.UntilQuiet();
        world.EachJobRanOnce();
        world.Cloud.Machines.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Invariant", "W13")]
    public void What_a_job_left_is_cleaned_up_before_the_next_one_though_the_link_broke_at_its_end(bool killed)
    {
        using var world = new World().Started();
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.UntilPhase(WorkerPhase.Busy);
        var machine = world.Cloud.Machines[0];
        world.Until(() => machine.Processes.Count == 1);
        world.Connector.Leaves = call => call != "clean";
        world.Until(() => world.Outcomes().Count == 1);
        var first = machine.Processes.Values.Single();
        first.Cleaned.ShouldBeFalse();
        world.Connector.Leaves = null;
        if (killed)
        {
            world.Daemon.Restart();
        }
        else
        {
            machine.BreakLinks();
        }

        var cleanAtStart = new List<bool>();
        world.Connector.RefusesLaunch = _ =>
        {
            cleanAtStart.Add(first.Cleaned);
            return null;
        };
        world.Forge.Enqueue(TimeSpan.FromMinutes(1));
        world.Until(() => world.Forge.State.Jobs().All(j => j.IsDone));
        cleanAtStart.ShouldBe([true]);
        world.Cloud.Machines.Count.ShouldBe(1);
    }
}
