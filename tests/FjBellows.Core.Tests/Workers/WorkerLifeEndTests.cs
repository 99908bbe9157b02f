using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Workers;
using FjBellows.Workers.Life;
using FjBellows.Workers.Reasons;
using FjBellows.Workers.Session;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Tests.Workers;

/// <summary>The section "The end" of the table in <see cref="WorkerLife"/>, in its order.</summary>
public sealed class WorkerLifeEndTests
{
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Invariant", "J12")]
    public void A_stray_process_that_cannot_be_killed_ends_with_its_instance()
    {
        var life = new LifeDriver().Idle();
        life.On(new Drain(new RemovalReason.DrainedByOperator("ada")));
        life.On(new SessionProtocol.Inspected(life.Worker.Round, [new RunnerProcess(new DispatchId("by-hand"), true, null)]));
        life.Worker.Phase.ShouldBe(WorkerPhase.Draining);
        life.Pass(TimeSpan.FromHours(6.3));
        life.Worker.Phase.ShouldBe(WorkerPhase.Removing);
        life.Worker.State.ReasonCode.ShouldBe("hard_end");
    }

    [Fact]
    [Trait("Invariant", "J12")]
    public void A_follow_that_hangs_does_not_hide_the_end_of_its_process()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);
        for (var i = 0; i < 2; i++)
        {
            var inspect = life.Pass(Seconds * 21).OfType<Effect.ToSession>().Select(e => e.Command).OfType<SessionProtocol.Inspect>()
                .Last();
            life.On(new SessionProtocol.Inspected(inspect.Round, [new RunnerProcess(life.Current.Dispatch, false, 0)]));
        }

        life.Answer(null);

        life.Worker.State.LastEnded!.Kind.ShouldBe(OutcomeKind.Completed);
    }

    [Fact]
    [Trait("Invariant", "W11")]
    public void Two_listings_and_a_query_by_id_lose_a_worker_and_less_does_not()
    {
        var life = new LifeDriver().Idle();
        life.On(new SessionProtocol.Down(SessionErrorKind.Unreachable, "reset"));
        life.Elapsed += Seconds;
        life.On(new InstanceMissing(life.Now)).Effects.ShouldBeEmpty();
        life.Elapsed += Seconds;
        life.On(new InstanceMissing(life.Now)).Effects.ShouldHaveSingleItem().ShouldBeOfType<Effect.GetInstance>();
        life.On(new WorkerInput.InstanceAnswered(null, new TimeoutException())).Events.ShouldBeEmpty();
        life.Elapsed += Seconds;
        life.On(new InstanceMissing(life.Now));
        life.On(new InstanceMissing(life.Now));
        life.On(new WorkerInput.InstanceAnswered(null, null));
        life.Worker.State.ReasonCode.ShouldBe("instance_missing");
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public void One_deletion_is_under_way_and_only_proof_ends_it()
    {
        var life = new LifeDriver().Idle();
        life.On(new Delete(new RemovalReason.RequestedByOperator("ada"))).Effects.Count(e => e is Effect.DeleteInstance).ShouldBe(1);
        life.Pass(TimeSpan.FromMinutes(5)).ShouldNotContain(e => e is Effect.DeleteInstance);
        life.On(new WorkerInput.DeleteFailed(new CloudException(CloudErrorKind.RateLimited, "slow down", TimeSpan.FromSeconds(90))));
        life.Pass(TimeSpan.FromSeconds(89)).ShouldNotContain(e => e is Effect.DeleteInstance);
        life.Pass(TimeSpan.FromSeconds(2)).ShouldContain(e => e is Effect.DeleteInstance);
        life.On(new WorkerInput.DeleteAnswered(Gone: false));
        life.Worker.Phase.ShouldBe(WorkerPhase.Removing);
        life.Pass(TimeSpan.FromMinutes(2)).ShouldContain(e => e is Effect.DeleteInstance);
        life.On(new WorkerInput.DeleteAnswered(Gone: true));
        life.Told.OfType<Gone>().ShouldHaveSingleItem();
        life.On(new SessionProtocol.Ready("v", null, [], Proven: true)).Events.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "J10")]
    public void An_outcome_is_reported_until_it_is_recorded_and_no_job_is_taken_before()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);
        life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(0, "")));
        life.Answer(null);
        var ended = life.Told.OfType<DispatchEnded>().ShouldHaveSingleItem();
        ended.Outcome.Kind.ShouldBe(OutcomeKind.Completed);
        ended.Outcome.Cause.ShouldBe(OutcomeCause.RunnerExit);
        life.Pass(TimeSpan.FromMinutes(3)).OfType<Effect.Tell>().Count(t => t.Report is DispatchEnded).ShouldBe(3);
        life.On(new Assign(LifeDriver.Job(), Warm: true)).Events.ShouldBeEmpty();
        life.Told.OfType<AssignRefused>().ShouldHaveSingleItem();

        life.Restart();
        life.Told.OfType<DispatchEnded>().ShouldHaveSingleItem().Recovered.ShouldBeTrue();
        life.On(new OutcomeRecorded(ended.Outcome.Assignment.Dispatch));
        life.Pass(TimeSpan.FromSeconds(100)).OfType<Effect.Tell>().ShouldNotContain(t => t.Report is DispatchEnded);
    }

    [Fact]
    [Trait("Invariant", "J10")]
    public void A_worker_is_gone_only_when_its_last_outcome_is_recorded()
    {
        var life = new LifeDriver().Running();
        var dispatch = life.Current.Dispatch;
        life.On(new Delete(new RemovalReason.RequestedByOperator("ada")));
        life.On(new WorkerInput.DeleteAnswered(Gone: true)).Effects.ShouldNotContain(e => e is Effect.Tell);
        life.On(new OutcomeRecorded(dispatch));
        life.Told.OfType<Gone>().ShouldHaveSingleItem();
    }
}
