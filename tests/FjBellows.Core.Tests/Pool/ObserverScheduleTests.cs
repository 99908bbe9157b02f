using CsCheck;
using FjBellows.Pool;

namespace FjBellows.Tests.Pool;

public sealed class ObserverScheduleTests
{
    private static readonly TimeSpan Now = TimeSpan.FromHours(10);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    [Fact]
    [Trait("Invariant", "R3")]
    public void No_activity_postpones_a_source_beyond_its_interval() =>
        Gen.Int[0, 20].Array[0, 50].Sample(pauses =>
        {
            var (schedule, now) = (ObserverSchedule.Begin.Asked(Now).Answered(), Now);
            foreach (var pause in pauses)
            {
                // Whenever something happens the wait is computed again; together it never exceeds the interval.
                now += TimeSpan.FromSeconds(pause);
                if (now + schedule.Wait(Interval, now) > (now > Now + Interval ? now : Now + Interval))
                {
                    return false;
                }
            }

            return true;
        });

    [Theory]
    [InlineData(1, 60, 60)]
    [InlineData(1, 299, 299)]
    [InlineData(1, 900, 300)]
    [InlineData(9, 0, 60)]
    [Trait("Invariant", "R2")]
    public void Failures_back_off_and_a_retry_after_is_obeyed_up_to_five_minutes(int failures, int asked, int waited)
    {
        var schedule = ObserverSchedule.Begin.Asked(Now);
        for (var i = 0; i < failures; i++)
        {
            schedule = schedule.Failed(Now, TimeSpan.FromSeconds(asked));
        }

        schedule.Wait(Interval, Now).ShouldBe(TimeSpan.FromSeconds(waited));
        schedule.Answered().Wait(Interval, Now).ShouldBe(Interval);
    }
}
