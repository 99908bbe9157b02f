using System.Text;

namespace FjBellows.Tests.Text;

[Trait("Invariant", "S10")]
public sealed class OutsideTextTests
{
    [Theory]
    [InlineData("build (linux, ü, 日本, 😀)", "build (linux, ü, 日本, 😀)")]
    [InlineData("a\nb\r\nc\td", "a b  c d")]
    [InlineData("\u001b]52;c;cm0gLXJmIC8=\u0007", "\uFFFD]52;c;cm0gLXJmIC8=\uFFFD")]
    [InlineData("\u001b[2J\u009b2J", "\uFFFD[2J\uFFFD2J")]
    [InlineData("user\u202Enimda", "user\uFFFDnimda")]
    [InlineData("nul\0", "nul\uFFFD")]
    [InlineData("\u2028new line\u0085", " new line ")]
    [InlineData("", "")]
    public void One_line_holds_nothing_that_drives_a_terminal_or_forges_a_line(string text, string clean) =>
        OutsideText.Clean(text, 100).ShouldBe(clean);

    [Fact]
    public void Half_of_a_surrogate_pair_is_replaced()
    {
        OutsideText.Clean("a\ud800b", 10).ShouldBe("a\uFFFDb");
        OutsideText.Clean("a\udc00", 10).ShouldBe("a\uFFFD");
        OutsideText.Clean("a\ud800", 10).ShouldBe("a\uFFFD");
    }

    [Fact]
    public void Several_lines_keep_their_line_feeds_and_tabs() =>
        OutsideText.CleanLines("a\r\n\tb\rc\u001b[1m", 100).ShouldBe("a\n\tb c\uFFFD[1m");

    [Theory]
    [InlineData("abcdef", 6, "abcdef")]
    [InlineData("abcdef", 5, "abcd…")]
    [InlineData("abc😀def", 5, "abc…")]
    [InlineData("abc😀def", 6, "abc😀…")]
    [InlineData("abc", 1, "…")]
    public void A_long_text_is_cut_between_characters(string text, int limit, string clean) =>
        OutsideText.Clean(text, limit).ShouldBe(clean);

    [Fact]
    public void A_clean_text_is_returned_as_it_is()
    {
        var text = new string('x', 100);

        OutsideText.Clean(text, 100).ShouldBeSameAs(text);
    }

    [Fact]
    public void Any_text_becomes_valid_short_and_free_of_controls_and_stays_so()
    {
        var random = new Random(20);
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(
                Enumerable.Range(0, random.Next(40))
                    .Select(_ =>
                        (char)(random.Next(4) == 0 ? random.Next(0xD7F0, 0xE010) : random.Next(4) == 0
                            ? random.Next(0x2000, 0x2080)
                            : random.Next(0, 0x120))));
            var limit = random.Next(1, 40);
            foreach (var clean in new[] { OutsideText.Clean(text, limit), OutsideText.CleanLines(text, limit) })
            {
                clean.Length.ShouldBeLessThanOrEqualTo(limit);
                new UTF8Encoding(false, true).GetByteCount(clean).ShouldBeGreaterThanOrEqualTo(clean.Length);
                clean.Any(c => char.IsControl(c) && c is not ('\n' or '\t')).ShouldBeFalse();
                OutsideText.CleanLines(clean, limit).ShouldBe(clean);
            }

            OutsideText.Clean(text, limit).ShouldNotContain('\n');
        }
    }

    [Fact]
    public void A_megabyte_costs_no_more_than_its_beginning() =>
        OutsideText.Clean(new string('\u001b', 1024 * 1024), OutsideText.NameLimit).Length.ShouldBe(OutsideText.NameLimit);
}
