using FjBellows.Pool;

namespace FjBellows.Tests.Pool;

public sealed class JournalHealthTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    [Trait("Invariant", "R5")]
    public void A_store_that_refuses_holds_everything_and_is_probed_later_and_later()
    {
        var (health, now) = (JournalHealth.Unproven.Written(Now), Now);
        health.IsProven(Now.AddSeconds(4)).ShouldBeTrue();
        health.IsProven(Now.AddSeconds(6)).ShouldBeFalse();
        var waits = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            health = health.Refused(HistoryRefusal.Connection, "no space left", now);
            health.Hold.ShouldNotBeNull().Cause.ShouldBe("no space left");
            health.IsProven(now).ShouldBeFalse();
            health.WantsProbe(now).ShouldBeFalse();
            waits.Add((health.RetryAt - now).TotalSeconds);
            now = health.RetryAt;
            health.WantsProbe(now).ShouldBeTrue();
            health = health.Probe();
            health.WantsProbe(now).ShouldBeFalse("one is under way");
        }

        waits.ShouldBe([5, 10, 20, 40, 60, 60]);
        var probed = health.Probed(now);
        probed.Hold.ShouldBeNull();
        probed.Phase.ShouldBe(JournalPhase.Written);
        probed.Failures.ShouldBe(0);
    }

    [Fact]
    [Trait("Invariant", "R9")]
    public void A_record_refused_for_its_content_says_nothing_about_the_store()
    {
        var health = JournalHealth.Unproven.Written(Now).Refused(HistoryRefusal.Content, "invalid byte sequence: 0x00", Now);
        health.Phase.ShouldBe(JournalPhase.Written);
        health.Hold.ShouldBeNull();
        health.RefusedRecord.ShouldBe("invalid byte sequence: 0x00");
    }

    [Fact]
    [Trait("Invariant", "R5")]
    public void After_a_worker_s_refusal_only_a_worker_s_write_tells_that_it_is_over()
    {
        var refused = JournalHealth.Unproven.Refused(HistoryRefusal.Connection, "locked", Now, byWorker: true);
        var probed = refused.Probe().Probed(Now.AddSeconds(5));
        probed.Phase.ShouldBe(JournalPhase.Probing);
        probed.Hold.ShouldBeNull("workers are let try");
        probed.Error.ShouldBe("locked");
        probed.Written(Now.AddSeconds(6)).Phase.ShouldBe(JournalPhase.Probing);
        probed.Refused(HistoryRefusal.Connection, "locked", Now.AddSeconds(7), byWorker: true).Failures
            .ShouldBe(2, "its wait goes on doubling");
        probed.WrittenByWorker(Now.AddSeconds(7)).Error.ShouldBeNull();
    }

    [Fact]
    [Trait("Invariant", "R5")]
    public void A_new_actor_of_the_pool_keeps_the_wait_and_sends_its_own_probe()
    {
        var health = JournalHealth.Unproven.Refused(HistoryRefusal.Connection, "locked", Now).Probe().Restarted();
        health.Hold.ShouldNotBeNull();
        health.WantsProbe(health.RetryAt).ShouldBeTrue();
        JournalHealth.Unproven.Written(Now).Restarted().IsProven(Now).ShouldBeFalse();
    }
}
