using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Workers;
using FjBellows.Workers.Life;
using FjBellows.Workers.Reasons;
using FjBellows.Workers.Session;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Tests.Workers;

/// <summary>The section "A job" of the table in <see cref="WorkerLife"/>, in its order.</summary>
public sealed class WorkerLifeJobTests
{
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Invariant", "W6")]
    [Trait("Invariant", "O4")]
    public void A_registration_whose_dispatch_is_over_is_deleted()
    {
        var life = new LifeDriver().Assigned();
        var dispatch = life.Current.Dispatch;
        life.On(new Delete(new RemovalReason.RequestedByOperator("ada")));
        life.On(new WorkerInput.Registered(dispatch, new RunnerCredentials(5, "u", new Secret("t")))).Effects
            .ShouldHaveSingleItem().ShouldBe(new Effect.DeleteRunner(5));
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_refused_registration_says_how_long_forgejo_asked_to_wait()
    {
        var life = new LifeDriver().Assigned();
        life.On(new WorkerInput.RegisterFailed(
            life.Current.Dispatch, new ForgejoException(ForgejoErrorKind.RateLimited, "slow down", TimeSpan.FromSeconds(40))));
        var outcome = life.Told.OfType<DispatchEnded>().ShouldHaveSingleItem().Outcome;
        outcome.Cause.ShouldBe(OutcomeCause.RegistrationRefused);
        outcome.RetryAfter.ShouldBe(Seconds * 40);
        life.Worker.State.OwnFailures.ShouldBe(0);
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public void The_wait_is_ended_between_two_polls_on_forgejo_s_word()
    {
        var life = new LifeDriver().Running();
        life.Pass(Seconds * 2);
        life.On(new SessionProtocol.RunnerSaid(life.Current.Dispatch, RunnerWord.NoTask)).Effects.ShouldHaveSingleItem()
            .ShouldBeOfType<Effect.LookUpRunner>();
        life.Answer(RunnerStatus.Idle, JobSeen.Waiting);
        life.Commands.ShouldHaveSingleItem().ShouldBe(new SessionProtocol.EndWait(life.Current.Dispatch));
        life.On(new SessionProtocol.WaitEnded(life.Current.Dispatch, WaitEnd.Ended));
        life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(0, "")));
        life.Answer(RunnerStatus.Idle, JobSeen.Waiting);
        life.Worker.State.LastEnded!.Kind.ShouldBe(OutcomeKind.NoTask);
        life.Worker.Phase.ShouldBe(WorkerPhase.Idle);
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public void The_wait_is_not_ended_by_an_answer_that_is_late_or_after_a_failed_poll()
    {
        var life = new LifeDriver().Running();
        life.On(new SessionProtocol.RunnerSaid(life.Current.Dispatch, RunnerWord.NoTask));
        life.Elapsed += Seconds * 5;
        life.Answer(RunnerStatus.Idle, JobSeen.Waiting).Effects.ShouldBeEmpty();
        life.On(new SessionProtocol.RunnerSaid(life.Current.Dispatch, RunnerWord.PollFailed));
        for (var i = 0; i < 20; i++)
        {
            life.Elapsed += Seconds * 2;
            life.Answer(RunnerStatus.Idle, JobSeen.Waiting).Effects.ShouldBeEmpty();
        }
    }

    [Fact]
    [Trait("Invariant", "J7")]
    public void A_runner_that_says_nothing_does_not_wait_without_end()
    {
        var life = new LifeDriver().Running();
        for (var i = 0; i < 10 && life.Worker.Job?.Ending is null; i++)
        {
            life.Elapsed += Seconds * 3;
            life.Answer(RunnerStatus.Idle, JobSeen.Waiting);
        }

        life.Worker.Job!.Ending!.Cause.ShouldBe(OutcomeCause.NoTask);
        (life.Elapsed - life.Worker.Since.Started).ShouldBeLessThan(Seconds * 20);
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public void A_cancelled_job_gets_sigterm_sigkill_and_is_cleaned_up_within_thirty_seconds()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);
        life.Pass(TimeSpan.FromMinutes(1));
        var cancelled = life.Elapsed;

        // The worst case: it is cancelled just after it was asked for.
        life.Pass(life.Settings.Poll.OwnRunner);
        life.Answer(null);
        life.Pass(Seconds * 15).OfType<Effect.ToSession>()
            .ShouldContain(e => e.Command.Equals(new SessionProtocol.Signal(life.Current.Dispatch, RunnerSignal.Terminate)));
        life.On(new SessionProtocol.Signalled(life.Current.Dispatch, RunnerSignal.Terminate));
        life.Pass(Seconds * 10).OfType<Effect.ToSession>()
            .ShouldContain(e => e.Command.Equals(new SessionProtocol.Signal(life.Current.Dispatch, RunnerSignal.Kill)));
        life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(null, "")));
        (life.Elapsed - cancelled).ShouldBeLessThanOrEqualTo(Seconds * 30);
        life.Worker.State.LastEnded!.Kind.ShouldBe(OutcomeKind.Cancelled);
        life.Commands.ShouldContain(c => c is SessionProtocol.CleanUp);
    }

    [Fact]
    [Trait("Invariant", "J9")]
    public void A_job_that_ended_by_itself_after_the_notice_is_not_recorded_as_cancelled()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);
        life.On(new SessionProtocol.Down(SessionErrorKind.Unreachable, "frozen"));
        life.Answer(null);
        life.Pass(Seconds * 20);
        life.Worker.Job!.Ending.ShouldNotBeNull();
        life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(0, "")));
        life.Worker.State.LastEnded!.Kind.ShouldBe(OutcomeKind.Completed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [Trait("Invariant", "J11")]
    public void An_exit_code_is_not_believed_where_forgejo_saw_the_runner_at_work(int code)
    {
        var life = new LifeDriver(s => s with { SingleUse = true }).Running();
        life.Answer(RunnerStatus.Active);
        life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(code, "")));

        // The process lives on: Forgejo hears of it.
        for (var i = 0; i < 100; i++)
        {
            life.Pass(Seconds * 12);
            life.Answer(RunnerStatus.Active);
        }

        life.Worker.Phase.ShouldBe(WorkerPhase.Busy);
        life.Answer(null);
        life.Worker.State.LastEnded!.Kind.ShouldBe(OutcomeKind.Completed);
        life.Worker.State.ReasonCode.ShouldBe("single_use");
    }

    [Theory]
    [InlineData(null, nameof(JobSeen.NotAsked), OutcomeKind.Completed, true)]
    [InlineData(RunnerStatus.Idle, nameof(JobSeen.Waiting), OutcomeKind.NoTask, false)]
    [InlineData(RunnerStatus.Offline, nameof(JobSeen.Absent), OutcomeKind.NoTask, false)]
    [InlineData(RunnerStatus.Idle, nameof(JobSeen.Running), OutcomeKind.NoTask, false)]
    [Trait("Invariant", "J11")]
    public void What_a_short_process_came_to_is_forgejo_s_word(RunnerStatus? status, string seen, OutcomeKind kind, bool drains)
    {
        foreach (var code in new[] { 0, 2 })
        {
            var life = new LifeDriver(s => s with { SingleUse = true }).Running();
            life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(code, ""))).Effects
                .ShouldContain(e => e is Effect.LookUpRunner);
            life.Worker.State.Current.ShouldNotBeNull();
            life.Answer(status, Enum.Parse<JobSeen>(seen));
            life.Worker.State.LastEnded!.Kind.ShouldBe(kind);
            (life.Worker.Phase == WorkerPhase.Draining).ShouldBe(drains);
        }
    }

    [Fact]
    [Trait("Invariant", "J11")]
    public void A_forged_exit_code_does_not_help_while_forgejo_is_silent()
    {
        var life = new LifeDriver(s => s with { SingleUse = true }).Running();
        life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(2, "")));
        life.On(new WorkerInput.RunnerUnknown(life.Current.Dispatch, null));
        life.Pass(TimeSpan.FromMinutes(6));
        life.Worker.State.ReasonCode.ShouldBe("single_use");
    }

    [Fact]
    [Trait("Invariant", "J13")]
    public void A_result_that_forgejo_never_got_is_recorded_as_that()
    {
        var life = new LifeDriver().Running();
        life.Answer(RunnerStatus.Active);
        life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(0, "unable to send final job logs and status")));
        life.Answer(RunnerStatus.Idle);
        life.Worker.State.LastEnded!.Cause.ShouldBe(OutcomeCause.ResultUndelivered);
    }

    [Fact]
    [Trait("Invariant", "J17")]
    public void A_job_that_was_assigned_and_never_started_is_not_recorded_as_no_task()
    {
        var life = new LifeDriver().Running();
        life.On(new SessionProtocol.RunnerSaid(life.Current.Dispatch, RunnerWord.PollFailed));
        life.On(new SessionProtocol.Ended(life.Current.Dispatch, new JobExit(2, "failed to fetch task: unexpected EOF")));
        life.Answer(RunnerStatus.Idle, JobSeen.Running);
        life.Worker.State.LastEnded!.Kind.ShouldBe(OutcomeKind.Lost);
        life.Worker.State.LastEnded.Cause.ShouldBe(OutcomeCause.AssignedNotStarted);
    }

    [Theory]
    [InlineData(WaitEnd.HasTask)]
    [InlineData(WaitEnd.Unanswered)]
    [InlineData(WaitEnd.TooLate)]
    [Trait("Invariant", "J7")]
    [Trait("Invariant", "J16")]
    public void A_wait_that_was_not_ended_goes_on_and_no_signal_follows(WaitEnd how)
    {
        var life = new LifeDriver().Running();
        life.Pass(Seconds * 2);
        life.On(new SessionProtocol.RunnerSaid(life.Current.Dispatch, RunnerWord.NoTask));
        life.Answer(RunnerStatus.Idle, JobSeen.Waiting);
        life.On(new SessionProtocol.WaitEnded(life.Current.Dispatch, how));
        life.Worker.Job!.Ending.ShouldBeNull();
        life.Pass(TimeSpan.FromMinutes(2));
        life.Commands.ShouldNotContain(c => c is SessionProtocol.Signal);
        life.Worker.Phase.ShouldBe(WorkerPhase.Busy);
    }

    [Fact]
    [Trait("Invariant", "W16")]
    public void A_clean_up_that_fails_twice_drains_and_fails_the_launch_that_waited()
    {
        var life = new LifeDriver().Running();
        var first = life.Current.Dispatch;
        life.Answer(RunnerStatus.Active);
        life.On(new SessionProtocol.Ended(first, new JobExit(0, "")));
        life.Answer(null);
        life.On(new OutcomeRecorded(first));
        life.On(new SessionProtocol.CleanUpFailed(first, "Permission denied"));
        life.Worker.Phase.ShouldBe(WorkerPhase.Idle);
        life.Assigned();
        life.On(new WorkerInput.Registered(life.Current.Dispatch, new RunnerCredentials(6, "u", new Secret("t"))));
        life.Commands.ShouldBeEmpty("nothing is launched beside what a job left");
        life.Pass(Seconds * 6).OfType<Effect.ToSession>().ShouldContain(e => e.Command is SessionProtocol.CleanUp);
        life.On(new SessionProtocol.CleanUpFailed(first, "Permission denied"));
        life.Worker.State.LastEnded!.Cause.ShouldBe(OutcomeCause.CleanUpFailed);
        life.Worker.Phase.ShouldBe(WorkerPhase.Draining);
        life.Worker.State.ReasonCode.ShouldBe("clean_up_failed");
    }

    [Fact]
    [Trait("Invariant", "W16")]
    public void A_launch_that_has_not_started_after_five_minutes_fails()
    {
        var life = new LifeDriver().Assigned();
        life.On(new WorkerInput.Registered(life.Current.Dispatch, new RunnerCredentials(5, "u", new Secret("t"))));
        var launch = life.Commands.OfType<SessionProtocol.Launch>().ShouldHaveSingleItem();
        life.On(new SessionProtocol.CommandFailed(launch, "no answer within 30 s"));
        life.Worker.Phase.ShouldBe(WorkerPhase.Busy);
        life.Pass(TimeSpan.FromMinutes(4.9)).OfType<Effect.ToSession>()
            .ShouldContain(e => e.Command is SessionProtocol.Launch, "it is repeated");
        life.Worker.Phase.ShouldBe(WorkerPhase.Busy);
        life.Pass(Seconds * 10);
        life.Worker.State.LastEnded!.Cause.ShouldBe(OutcomeCause.LaunchTimedOut);
    }

    [Fact]
    [Trait("Invariant", "W16")]
    public void A_launch_that_is_due_again_waits_for_a_clean_up_and_follows_it()
    {
        var life = new LifeDriver().Assigned();
        life.On(new WorkerInput.Registered(life.Current.Dispatch, new RunnerCredentials(5, "u", new Secret("t"))));
        var launch = life.Commands.OfType<SessionProtocol.Launch>().ShouldHaveSingleItem();
        life.On(new SessionProtocol.CommandFailed(launch, "no answer within 30 s"));
        var earlier = new DispatchId("cid-w001-0");
        life.On(new SessionProtocol.Ready("v", "ssh-ed25519 pin", [new RunnerProcess(earlier, false, 0)], Proven: true));
        life.Commands.ShouldContain(new SessionProtocol.CleanUp(earlier));

        // The launch is due while the clean-up runs: its deadline must not stay due.
        life.Pass(Seconds * 20).OfType<Effect.ToSession>().ShouldNotContain(e => e.Command is SessionProtocol.Launch);
        life.On(new SessionProtocol.Cleaned(earlier));
        life.Commands.ShouldHaveSingleItem().ShouldBeOfType<SessionProtocol.Launch>();
    }
}
