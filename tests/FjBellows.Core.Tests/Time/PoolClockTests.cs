using FjBellows.Time;

namespace FjBellows.Tests.Time;

public sealed class PoolClockTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    private TimeSpan _elapsed;
    private TimeSpan _offset;

    private PoolClock Clock { get; set; } = null!;

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    [InlineData(7)]
    [Trait("Invariant", "R6")]
    public void A_jump_of_the_wall_clock_that_returns_is_not_seen(int minutes)
    {
        Begin();
        _offset = TimeSpan.FromMinutes(minutes);
        Pass(TimeSpan.FromMinutes(4)).ShouldBe(Start + TimeSpan.FromMinutes(4));
        _offset = TimeSpan.Zero;
        Pass(TimeSpan.FromMinutes(10)).ShouldBe(Start + TimeSpan.FromMinutes(14));
    }

    [Fact]
    [Trait("Invariant", "R6")]
    public void A_clock_that_was_set_for_good_is_followed_in_the_end()
    {
        Begin();
        _offset = TimeSpan.FromHours(3);
        Pass(TimeSpan.FromMinutes(4)).ShouldBe(Start + TimeSpan.FromMinutes(4));
        Clock.Read().Followed.ShouldBe(TimeSpan.Zero);
        Pass(TimeSpan.FromMinutes(2)).ShouldBe(Start + TimeSpan.FromMinutes(6) + _offset);
        Clock.Read().Followed.ShouldBe(_offset);
        _offset = TimeSpan.Zero;
        Pass(TimeSpan.FromMinutes(6));
        Clock.Read().Followed.ShouldBe(TimeSpan.Zero, "it was set back");
    }

    private void Begin() => Clock = new PoolClock(() => Start + _elapsed + _offset, () => _elapsed);

    private DateTimeOffset Pass(TimeSpan time)
    {
        for (var end = _elapsed + time; _elapsed < end; _elapsed += TimeSpan.FromSeconds(1))
        {
            _ = Clock.Now;
        }

        return Clock.Now;
    }
}
