using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Workers;
using FjBellows.Workers.Life;
using FjBellows.Workers.Session;

namespace FjBellows.Tests.Workers;

/// <summary>The section "The connection" of the table in <see cref="WorkerLife"/>, in its order.</summary>
public sealed class WorkerLifeConnectionTests
{
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Invariant", "J8")]
    [Trait("Invariant", "W14")]
    public void A_daemon_that_was_away_past_the_longest_runtime_looks_before_it_gives_the_machine_up()
    {
        var life = new LifeDriver().Running();
        life.Elapsed += TimeSpan.FromHours(8);
        life.Restart();
        life.Pass(TimeSpan.FromMinutes(4));
        life.Worker.Phase.ShouldBe(WorkerPhase.Busy);
        life.On(new SessionProtocol.Ready("reached again", null, [new RunnerProcess(life.Current.Dispatch, false, 0)], Proven: false));
        life.Commands.ShouldContain(new SessionProtocol.Follow(life.Current.Dispatch, life.Current.Job.Id));
        life.Commands.ShouldNotContain(c => c is SessionProtocol.Signal);
    }

    [Fact]
    [Trait("Invariant", "W5")]
    [Trait("Invariant", "W20")]
    public void Another_host_key_while_booting_is_not_ready_yet_and_after_that_final()
    {
        var booting = new LifeDriver().Provisioning();
        booting.On(new SessionProtocol.Down(SessionErrorKind.HostKeyMismatch, "another key"));
        booting.Worker.Phase.ShouldBe(WorkerPhase.Provisioning);
        booting.Pass(TimeSpan.FromMinutes(9.9));
        booting.Worker.Phase.ShouldBe(WorkerPhase.Provisioning);
        booting.Pass(TimeSpan.FromMinutes(0.2));
        booting.Worker.State.ReasonCode.ShouldBe("boot_timed_out");
        booting.Worker.State.Why.ShouldContain("host key mismatch");

        var idle = new LifeDriver().Idle();
        idle.On(new SessionProtocol.Down(SessionErrorKind.HostKeyMismatch, "another key"));
        idle.Worker.State.ReasonCode.ShouldBe("host_key_mismatch");
        idle.Worker.Phase.ShouldBe(WorkerPhase.Removing);
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public void A_job_waits_for_a_lost_connection_for_a_quarter_of_an_hour()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);
        life.On(new SessionProtocol.Down(SessionErrorKind.Unreachable, "reset"));
        life.Pass(TimeSpan.FromMinutes(14.9));
        life.Worker.Phase.ShouldBe(WorkerPhase.Busy);
        life.Pass(TimeSpan.FromMinutes(0.2));
        life.Worker.State.LastEnded!.Cause.ShouldBe(OutcomeCause.ConnectionAbsent);
        life.Worker.Phase.ShouldBe(WorkerPhase.Draining);
    }

    [Fact]
    [Trait("Invariant", "W19")]
    public void The_view_says_since_when_a_worker_is_disconnected()
    {
        var life = new LifeDriver().Idle();
        Views.View(life.Worker, life.At).ConnectedSince.ShouldNotBeNull();
        life.On(new SessionProtocol.Down(SessionErrorKind.Unreachable, "reset"));
        life.Pass(Seconds * 30);
        var view = Views.View(life.Worker, life.At);
        view.ConnectedSince.ShouldBeNull();
        (life.Now - view.DisconnectedSince!.Value).ShouldBe(Seconds * 30);
    }
}
