using CsCheck;
using FjBellows.Daemon.Configuration;

namespace FjBellows.Tests.Configuration;

public class NearestNameTests
{
    private static readonly string[] Known = ["interval", "idle_timeout", "hour_margin", "billing_hour", "busy_interval"];

    [Theory]
    [InlineData("intervall", "interval")]
    [InlineData("inetrval", "interval")]
    [InlineData("Interval", "interval")]
    [InlineData("idle-timeout", "idle_timeout")]
    [InlineData("idletimeout", "idle_timeout")]
    [InlineData("hour_margn", "hour_margin")]
    public void Finds_what_was_meant(string written, string meant) => NearestName.Of(written, Known).ShouldBe(meant);

    [Theory]
    [InlineData("zebra")]
    [InlineData("")]
    [InlineData("x")]
    public void Guesses_nothing_far_fetched(string written) => NearestName.Of(written, Known).ShouldBeNull();

    [Fact]
    public void Distance_is_a_measure_of_difference() =>
        Gen.Select(Gen.String[Gen.Char["abc"], 0, 8], Gen.String[Gen.Char["abc"], 0, 8]).Sample((a, b) =>
        {
            var distance = NearestName.Distance(a, b);
            distance.ShouldBe(NearestName.Distance(b, a));
            (distance == 0).ShouldBe(a == b);
            distance.ShouldBeInRange(Math.Abs(a.Length - b.Length), Math.Max(a.Length, b.Length));
        });
}
