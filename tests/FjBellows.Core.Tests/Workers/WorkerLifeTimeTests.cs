using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Workers;
using FjBellows.Workers.Life;
using FjBellows.Workers.Session;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Tests.Workers;

/// <summary>Deadlines (<see cref="Deadlines"/>), which of them decides, and clocks that are set.</summary>
public sealed class WorkerLifeTimeTests
{
    [Fact]
    [Trait("Invariant", "B7")]
    public void Of_the_deadlines_that_are_due_the_upper_one_decides()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);

        // A host that slept: the longest runtime, the hard end and every question are overdue at once.
        life.Elapsed += TimeSpan.FromHours(20);
        life.On(WorkerInput.DeadlineReached.Instance);
        life.Worker.State.ReasonCode.ShouldBe("hard_end");
    }

    [Fact]
    [Trait("Invariant", "B1")]
    public void Changed_settings_move_the_deadline_of_an_idle_worker_and_are_reported()
    {
        var life = new LifeDriver().Idle();
        life.On(SettingsChanged.Instance);
        life.Told.OfType<Changed>().ShouldHaveSingleItem().View.TeardownDeadline
            .ShouldBe(life.Worker.State.CreatedAt!.Value.AddHours(1) - life.Settings.Teardown.HourMargin);
    }

    [Fact]
    [Trait("Invariant", "J12")]
    public void Three_sigkills_without_effect_delete_the_instance()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);
        life.Pass(TimeSpan.FromHours(5.9));
        var kills = 0;
        for (var i = 0; i < 100 && life.Worker.Phase == WorkerPhase.Busy; i++)
        {
            var sent = life.Pass(TimeSpan.FromMinutes(0.25)).OfType<Effect.ToSession>().Select(e => e.Command)
                .OfType<SessionProtocol.Signal>().ToArray();
            foreach (var signal in sent)
            {
                kills += signal.What == RunnerSignal.Kill ? 1 : 0;
                life.On(new SessionProtocol.Signalled(signal.Dispatch, signal.What));
            }
        }

        kills.ShouldBeInRange(3, 4);
        life.Worker.Phase.ShouldBe(WorkerPhase.Removing);
        life.Worker.State.ReasonCode.ShouldBe("hard_end");
        life.Worker.State.LastEnded!.Kind.ShouldBe(OutcomeKind.Cancelled);
        life.Worker.State.LastEnded.Cause.ShouldBe(OutcomeCause.HardEnd);
    }

    [Fact]
    [Trait("Invariant", "J12")]
    public void A_hard_end_needs_no_answer_of_the_worker()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);
        life.Pass(TimeSpan.FromHours(6) + life.Settings.Timeouts.CancelGrace + TimeSpan.FromMinutes(6));
        life.Worker.Phase.ShouldBe(WorkerPhase.Removing);
        life.Worker.State.ReasonCode.ShouldBe("hard_end");
    }

    [Fact]
    [Trait("Invariant", "J8")]
    [Trait("Invariant", "B7")]
    public void A_clock_that_is_set_neither_ends_a_job_nor_keeps_it()
    {
        foreach (var hours in new[] { 8, -8 })
        {
            var life = new LifeDriver().Running();
            life.Answer(RunnerStatus.Active);
            life.Pass(TimeSpan.FromMinutes(90));
            life.Set = TimeSpan.FromHours(hours);
            life.Pass(TimeSpan.FromMinutes(1));
            life.Journal[^1].ShouldBeOfType<JobAged>().Elapsed.ShouldBe(TimeSpan.FromMinutes(91), TimeSpan.FromMinutes(1.1));

            // And across a restart.
            life.Restart();
            life.On(new SessionProtocol.Ready(
                "reached again", "ssh-ed25519 pin", [new RunnerProcess(life.Current.Dispatch, true, null)], Proven: false));
            life.Worker.Job!.Ending.ShouldBeNull();
            life.Pass(TimeSpan.FromHours(4.4));
            life.Worker.Job!.Ending.ShouldBeNull();
            life.Pass(TimeSpan.FromMinutes(10));
            life.Worker.Job!.Ending!.Cause.ShouldBe(OutcomeCause.RuntimeExceeded);
        }
    }

    [Fact]
    [Trait("Invariant", "B7")]
    public void A_clock_that_is_set_neither_shortens_nor_lengthens_an_idle_worker_s_life()
    {
        foreach (var hours in new[] { 8, -8 })
        {
            var life = new LifeDriver(
                s => s with { Teardown = new(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(5)) }, FjBellows.Billing.BillingModel.PerSecond)
                    .Idle();
            life.Pass(TimeSpan.FromMinutes(10));
            life.Set = TimeSpan.FromHours(hours);
            life.Pass(TimeSpan.FromMinutes(9.5));
            life.Worker.Phase.ShouldBe(WorkerPhase.Idle);
            life.Pass(TimeSpan.FromMinutes(1));
            life.Worker.State.ReasonCode.ShouldBe("idle_timeout");
        }
    }

    [Fact]
    [Trait("Invariant", "B2")]
    [Trait("Invariant", "B7")]
    public void A_leased_worker_drains_at_its_deadline_though_the_clock_was_wrong_before()
    {
        var life = new LifeDriver { Set = TimeSpan.FromHours(-8) };
        life.On(new Provision("x"));
        life.On(new WorkerInput.Seeded(WorkerSeed.Nothing));
        life.On(new WorkerInput.Created(life.Machine() with { CreatedAt = life.Now.AddHours(8) }));
        life.On(new SessionProtocol.Ready("v", null, [], Proven: true));
        life.Pass(TimeSpan.FromMinutes(20));
        life.Set = TimeSpan.Zero;
        life.Pass(TimeSpan.FromMinutes(34));
        life.Worker.Phase.ShouldBe(WorkerPhase.Idle);
        life.Pass(TimeSpan.FromMinutes(2));
        life.Worker.State.ReasonCode.ShouldBe("teardown_deadline");
    }

    [Theory]
    [InlineData(49)]
    [InlineData(-49)]
    [Trait("Invariant", "B2")]
    [Trait("Invariant", "B7")]
    [Trait("Invariant", "R6")]
    public void A_creation_time_by_our_clock_is_corrected_when_that_is_set(int minutes)
    {
        var life = new LifeDriver { Measured = true, Set = TimeSpan.FromMinutes(-minutes) }.Idle();
        life.Pass(TimeSpan.FromMinutes(20));
        life.Set = TimeSpan.Zero;
        life.Pass(TimeSpan.FromMinutes(1));
        life.Journal[^1].ShouldBeOfType<MomentsCorrected>().CreatedAt.ShouldBe(life.Now.AddMinutes(-21));
        life.Restart();
        life.On(new SessionProtocol.Ready("reached again", "ssh-ed25519 pin", [], Proven: true));
        life.Pass(TimeSpan.FromMinutes(33.5));
        life.Worker.Phase.ShouldBe(WorkerPhase.Idle);
        life.Pass(TimeSpan.FromMinutes(1));
        life.Worker.State.ReasonCode.ShouldBe("teardown_deadline");
    }
}
