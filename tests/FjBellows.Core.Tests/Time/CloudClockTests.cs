using FjBellows.Time;

namespace FjBellows.Tests.Time;

public sealed class CloudClockTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 0)]
    [InlineData(-1, 0)]
    [InlineData(11, 0)]
    [InlineData(40, 30)]
    [InlineData(-600, -600)]
    [InlineData(3610, 3600)]
    [Trait("Invariant", "B8")]
    public void The_difference_is_the_least_that_explains_the_creation_time(int created, int difference)
    {
        var clock = CloudClock.Measure(Now.AddSeconds(created), requestedAt: Now, answeredAt: Now.AddSeconds(10));
        clock.Difference.TotalSeconds.ShouldBe(difference);
        clock.IsReportable.ShouldBe(Math.Abs(difference) > 60);
        clock.ToOurs(Now.AddSeconds(created)).ShouldBeInRange(Now.AddSeconds(-2), Now.AddSeconds(12));

        // Ours is set forward: the cloud is less far ahead.
        clock.Moved(TimeSpan.FromMinutes(10)).Difference.TotalSeconds.ShouldBe(difference - 600);
    }

    [Fact]
    [Trait("Invariant", "B8")]
    public void A_difference_that_was_never_measured_stays_unknown() =>
        CloudClock.Unmeasured.Moved(TimeSpan.FromHours(5)).ShouldBe(CloudClock.Unmeasured);
}
