using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Workers;
using FjBellows.Workers.Life;
using FjBellows.Workers.Reasons;
using FjBellows.Workers.Session;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Tests.Workers;

/// <summary>The table of a worker's life, arm by arm.</summary>
public sealed class WorkerLifeTests
{
    private static readonly TimeSpan Seconds = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Invariant", "W2")]
    public void The_intent_is_an_event_of_the_step_whose_effect_creates()
    {
        var life = new LifeDriver();
        life.On(new Provision("job 17 waits")).Effects.ShouldHaveSingleItem().ShouldBeOfType<Effect.Seed>();
        var step = life.On(new WorkerInput.Seeded(new WorkerSeed("ssh-ed25519 pin", new Secret(""), [])));
        step.Events.ShouldHaveSingleItem().ShouldBeOfType<WorkerIntended>().HostKey.ShouldBe("ssh-ed25519 pin");
        step.Effects.ShouldContain(e => e is Effect.CreateInstance);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_slow_seed_is_no_wrong_configuration()
    {
        var slow = new LifeDriver();
        slow.On(new Provision("x"));
        slow.On(new WorkerInput.SeedFailed(new TimeoutException("no answer within 00:02:00")));
        slow.Told.OfType<ProvisioningFailed>().ShouldHaveSingleItem().Kind.ShouldBe(CloudErrorKind.Transient);

        var wrong = new LifeDriver();
        wrong.On(new Provision("x"));
        wrong.On(new WorkerInput.SeedFailed(new SessionException(SessionErrorKind.Misconfigured, "the document is too large")));
        wrong.Told.OfType<ProvisioningFailed>().ShouldHaveSingleItem().Kind.ShouldBe(CloudErrorKind.InvalidConfig);
        wrong.Told.OfType<Gone>().ShouldHaveSingleItem().Ledger.End.ShouldContain("never created");
    }

    [Fact]
    [Trait("Invariant", "W3")]
    public void A_listing_during_the_create_call_is_not_believed_and_one_after_a_lost_answer_is()
    {
        var life = new LifeDriver();
        life.On(new Provision("x"));
        life.On(new WorkerInput.Seeded(WorkerSeed.Nothing));
        life.On(new InstanceSeen(life.Machine(), life.Now)).Events.ShouldBeEmpty();
        life.On(new WorkerInput.CreateFailed(new CloudException(CloudErrorKind.Transient, "502"))).Effects
            .ShouldContain(e => e is Effect.FindInstance);
        life.On(new InstanceSeen(life.Machine(), life.Now)).Events.ShouldHaveSingleItem().ShouldBeOfType<InstanceCreated>().Adopted
            .ShouldBeTrue();
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
    public void An_outcome_is_told_until_it_is_recorded_and_no_job_is_taken_before()
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
    public void A_runner_that_says_nothing_does_not_wait_for_ever()
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

    [Fact]
    [Trait("Invariant", "B8")]
    public void A_creation_time_is_corrected_once_the_cloud_s_clock_was_measured()
    {
        var life = new LifeDriver().Idle();
        var created = life.Now.AddMinutes(-20);
        life.On(new InstanceSeen(life.Machine() with { CreatedAt = created }, life.Now));
        life.Journal[^1].ShouldBeOfType<WorkerBecameReady>("an uncompared time is the cloud's own");
        life.Measured = true;
        life.On(new InstanceSeen(life.Machine() with { CreatedAt = created }, life.Now));
        life.Worker.State.CreatedAt.ShouldBe(created);
        life.On(new InstanceSeen(life.Machine() with { CreatedAt = created.AddSeconds(2) }, life.Now));
        life.Journal.OfType<MomentsCorrected>().ShouldHaveSingleItem("seconds are the cloud's rounding");
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

    [Fact]
    [Trait("Invariant", "W10")]
    [Trait("Invariant", "O2")]
    public void An_orphan_with_a_known_key_is_asked_for_its_processes_and_one_without_is_deleted()
    {
        var blind = new LifeDriver();
        blind.On(new AdoptOrphan(blind.Machine(), null, new RemovalReason.Orphaned(3, blind.Now))).Effects
            .ShouldContain(e => e is Effect.DeleteInstance);

        var life = new LifeDriver();
        life.On(new AdoptOrphan(life.Machine(), "ssh-ed25519 pin", new RemovalReason.Orphaned(3, life.Now)));
        life.Last.Effects.OfType<Effect.OpenSession>().ShouldHaveSingleItem().Endpoint.HostKey.ShouldBe("ssh-ed25519 pin");
        life.Pass(TimeSpan.FromMinutes(10));
        life.Worker.Phase.ShouldBe(WorkerPhase.Draining);
        var job = new DispatchId("cid-w001-4");
        life.On(new SessionProtocol.Ready("reached", "ssh-ed25519 pin", [new RunnerProcess(job, true, null)], Proven: false));
        life.Commands.OfType<SessionProtocol.Follow>().ShouldHaveSingleItem().Dispatch.ShouldBe(job);
        life.Pass(TimeSpan.FromHours(2));
        life.Worker.Phase.ShouldBe(WorkerPhase.Draining);
        life.On(new SessionProtocol.Ended(job, new JobExit(0, "")));
        life.On(new SessionProtocol.Inspected(life.Worker.Round, []));
        life.Worker.Phase.ShouldBe(WorkerPhase.Removing);
        life.Worker.State.ReasonCode.ShouldBe("orphaned");
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
    public void Every_reason_has_a_text_and_a_code_of_its_own()
    {
        var reasons = typeof(RemovalReason).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(RemovalReason))).Select(type =>
        {
            var parameters = type.GetConstructors()[0].GetParameters();
            return (RemovalReason)type.GetConstructors()[0].Invoke([.. parameters.Select(p =>
                p.ParameterType == typeof(string) ? (object)"detail" : Activator.CreateInstance(p.ParameterType)!)]);
        }).ToArray();
        reasons.Length.ShouldBeGreaterThan(15);
        reasons.Select(r => r.Code).ShouldBeUnique();
        reasons.ShouldAllBe(r => r.ToString().Length > 5 && System.Text.RegularExpressions.Regex.IsMatch(r.Code, "^[a-z]+(_[a-z]+)*$"));
    }
}
