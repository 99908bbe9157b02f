using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;

namespace FjBellows.Tests.Pool;

public sealed class JobBackoffTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly BackoffSettings Waits = new TimeoutSettings().NoTaskHold;

    [Fact]
    [Trait("Invariant", "J7")]
    public void Waits_double_up_to_the_longest()
    {
        var (backoff, now) = (JobBackoff.None, Now);
        var waits = new List<double>();
        for (var i = 0; i < 12; i++)
        {
            backoff = backoff.After(Outcome(OutcomeKind.NoTask, now), Waits);
            waits.Add((backoff.Until - now).TotalSeconds);
            now = backoff.Until.AddSeconds(1);
        }

        waits.ShouldBe([2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]);
    }

    [Theory]
    [InlineData(OutcomeKind.NoTask, 1, false)]
    [InlineData(OutcomeKind.FailedToStart, 9, true)]
    [InlineData(OutcomeKind.Lost, 9, true)]
    [InlineData(OutcomeKind.Completed, 1, true)]
    [InlineData(OutcomeKind.Completed, 2, false)]
    [InlineData(OutcomeKind.Cancelled, 2, false)]
    [Trait("Invariant", "J14")]
    public void What_is_not_handed_out_or_ended_again_and_again_provisions_nothing(OutcomeKind kind, int times, bool provisions)
    {
        var backoff = Repeated(kind, times);
        backoff.MayProvision(Now.AddHours(1)).ShouldBe(provisions);
        backoff.MayProvision(Now.AddHours(7)).ShouldBeTrue("what frees it may be invisible here");
        backoff.Reset().MayProvision(Now).ShouldBeTrue("an operator asked");
        backoff.Reset().EndedAt.ShouldBe(backoff.EndedAt, "an older view of the queue stays outdated");
    }

    [Fact]
    [Trait("Invariant", "J14")]
    public void A_completed_job_that_is_still_listed_backs_off_and_says_so()
    {
        var backoff = Repeated(OutcomeKind.Completed, 4);
        backoff.HoldsAt(Now.AddSeconds(15)).ShouldBeTrue();
        backoff.Reason.ShouldBeOfType<WaitReason.StillListed>().Times.ShouldBe(4);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void A_retry_after_of_a_registration_is_obeyed_up_to_five_minutes()
    {
        var wanted = Outcome(OutcomeKind.FailedToStart, Now) with { RetryAfter = TimeSpan.FromMinutes(2) };
        JobBackoff.None.After(wanted, Waits).Until.ShouldBe(Now.AddMinutes(2));
        JobBackoff.None.After(wanted with { RetryAfter = TimeSpan.FromDays(3000) }, Waits).Until.ShouldBe(Now.AddMinutes(5));
    }

    [Fact]
    [Trait("Invariant", "J14")]
    public void An_end_in_its_repository_makes_it_demand_again_and_one_elsewhere_does_not()
    {
        var held = Listed(new Known(), Now, Job(1), Job(2), Job(3, repo: 9))
            .With(Outcome(OutcomeKind.NoTask, Now.AddSeconds(5)), Waits, Now);
        var elsewhere = Listed(held, Now.AddSeconds(10), Job(1), Job(2));
        elsewhere.Jobs[Job(1).Key].Backoff.MayProvision(Now.AddMinutes(1)).ShouldBeFalse();
        var ended = Listed(elsewhere, Now.AddSeconds(20), Job(1));
        ended.Jobs[Job(1).Key].Backoff.MayProvision(Now.AddMinutes(1)).ShouldBeTrue();
        var late = Listed(held, Now.AddSeconds(4), Job(1));
        late.Jobs[Job(1).Key].Backoff.MayProvision(Now.AddMinutes(1)).ShouldBeFalse("that listing was requested before its dispatch ended");
    }

    [Fact]
    [Trait("Invariant", "J14")]
    public void A_changed_row_makes_it_demand_again()
    {
        var held = Listed(new Known(), Now, Job(1)).With(Outcome(OutcomeKind.NoTask, Now.AddSeconds(5)), Waits, Now);
        var changed = Listed(held, Now.AddSeconds(10), Job(1) with { Repo = "new-owner/app" });
        changed.Jobs[Job(1).Key].Backoff.MayProvision(Now.AddMinutes(1)).ShouldBeTrue();
    }

    [Fact]
    [Trait("Invariant", "R7")]
    public void Jobs_long_gone_are_forgotten_and_those_just_ended_are_not()
    {
        var known = Listed(new Known(), Now, Job(1), Job(2)).With(Outcome(OutcomeKind.Completed, Now.AddSeconds(5)), Waits, Now);
        var soon = Listed(known, Now.AddMinutes(1));
        soon.Jobs.Keys.ShouldBe([Job(1).Key]);
        soon.With(new PoolProtocol.JobsObserved([], Now.AddHours(2)), Now.AddHours(2), TimeSpan.FromHours(1)).Jobs.ShouldBeEmpty();
    }

    private static Known Listed(Known known, DateTimeOffset at, params QueuedJob[] jobs) =>
        known.With(new PoolProtocol.JobsObserved(jobs, at), at, TimeSpan.FromHours(1));

    private static JobBackoff Repeated(OutcomeKind kind, int times)
    {
        var backoff = JobBackoff.None;
        for (var i = 0; i < times; i++)
        {
            backoff = backoff.After(Outcome(kind, Now.AddSeconds(i)), Waits);
        }

        return backoff;
    }

    private static DispatchOutcome Outcome(OutcomeKind kind, DateTimeOffset endedAt) =>
        new("default", "a", new Assignment(new DispatchId("a-1"), Job(1), Now, false), kind, endedAt, null, "detail");

    private static QueuedJob Job(long id, long repo = 1) =>
        new(id, 1, $"handle-{id}", repo, 1, $"job-{id}", ["docker"], JobStatus.Waiting, 0);
}
