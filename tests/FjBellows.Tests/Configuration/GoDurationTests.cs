using System.Globalization;
using CsCheck;
using FjBellows.Daemon.Configuration;

namespace FjBellows.Tests.Configuration;

public class GoDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("+0", 0)]
    [InlineData("-0", 0)]
    [InlineData("0s", 0)]
    [InlineData("10s", 100_000_000)]
    [InlineData("5m", 3_000_000_000)]
    [InlineData("1h30m", 54_000_000_000)]
    [InlineData("500ms", 5_000_000)]
    [InlineData("1.5h", 54_000_000_000)]
    [InlineData("1.s", 10_000_000)]
    [InlineData(".5s", 5_000_000)]
    [InlineData("+3s", 30_000_000)]
    [InlineData("-2s", -20_000_000)]
    [InlineData("7us", 70)]
    [InlineData("7\u00b5s", 70)]
    [InlineData("7\u03bcs", 70)]
    [InlineData("300ns", 3)]
    [InlineData("99ns", 0)]
    [InlineData("1s1s", 20_000_000)]
    [InlineData("0.3333333333333333333h", 11_999_999_999)]
    [InlineData("2562047h", 92_233_692_000_000_000)]
    public void Reads_what_Go_reads(string text, long ticks)
    {
        GoDuration.TryParse(text, out var value, out var problem).ShouldBeTrue(problem);
        value.Ticks.ShouldBe(ticks);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("-", "is empty")]
    [InlineData("10", "without a unit")]
    [InlineData("00", "without a unit")]
    [InlineData("s", "without a number")]
    [InlineData(".s", "without a number")]
    [InlineData("1..5s", "without a number")]
    [InlineData("1m-2s", "unknown unit 'm-'")]
    [InlineData("1d", "unknown unit 'd'")]
    [InlineData("1S", "unknown unit 'S'")]
    [InlineData("1 s", "unknown unit ' s'")]
    [InlineData(" 1s", "without a number")]
    [InlineData("1s ", "unknown unit 's '")]
    [InlineData("3000000h", "292 years")]
    [InlineData("9223372036854775808ns", "292 years")]
    [InlineData("99999999999999999999999999999999h", "292 years")]
    [InlineData("9999999999999999999h", "292 years")]
    public void Refuses_what_Go_refuses(string text, string reason)
    {
        GoDuration.TryParse(text, out _, out var problem).ShouldBeFalse();
        problem!.ShouldContain(reason);
    }

    [Fact]
    public void What_is_written_reads_back_as_the_same() =>
        Gen.Long[-long.MaxValue / 100, long.MaxValue / 100].Select(TimeSpan.FromTicks).Sample(value =>
            GoDuration.TryParse(GoDuration.Format(value), out var back, out _) && back == value);

    [Fact]
    public void A_sum_of_parts_is_the_sum_of_their_durations() =>
        Gen.Select(Gen.Int[0, 5000], Gen.Int[0, 5000], Gen.Int[0, 5000], Gen.Int[0, 5000]).Sample((h, m, s, ms) =>
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{h}h{m}m{s}s{ms}ms");
            GoDuration.TryParse(text, out var value, out _).ShouldBeTrue();
            value.ShouldBe(new TimeSpan(0, h, m, s, ms));
        });

    [Fact]
    public void Decimals_mean_parts_of_their_unit() =>
        Gen.Select(Gen.Int[0, 100_000], Gen.Int[0, 999]).Sample((whole, thousandths) =>
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{whole}.{thousandths:000}s");
            GoDuration.TryParse(text, out var value, out _).ShouldBeTrue();
            value.ShouldBe(TimeSpan.FromMilliseconds((whole * 1000L) + thousandths));
        });

    [Fact]
    public void No_text_makes_it_throw() =>
        Gen.String[Gen.Char["0123456789.+-nuµmsh \0é"], 0, 60].Sample(text =>
            GoDuration.TryParse(text, out _, out var problem) == problem is null);
}
