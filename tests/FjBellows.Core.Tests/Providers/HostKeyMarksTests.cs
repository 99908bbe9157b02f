using CsCheck;
using FjBellows.Providers;

namespace FjBellows.Tests.Providers;

public sealed class HostKeyMarksTests
{
    [Fact]
    [Trait("Invariant", "O2")]
    public void A_key_comes_back_from_its_marks_and_they_fit_every_cloud() =>
        Gen.Byte.Array[32].Sample(key =>
        {
            byte[] wire = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. key];
            var text = "ssh-ed25519 " + Convert.ToBase64String(wire);
            var marks = HostKeyMarks.Of(text + " worker@ci");
            return marks.Count == 2
                && marks.All(m => m.Length <= 50 && m.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
                && HostKeyMarks.Find(["cid", .. marks.Reverse()]) == text;
        });

    [Theory]
    [InlineData("fjb-k1-00")]
    [InlineData("fjb-k1-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz")]
    public void Damaged_marks_carry_no_key(string mark) =>
        HostKeyMarks.Find([mark, "fjb-k2-00000000000000000000000000000000"]).ShouldBeNull();

    [Fact]
    public void Other_keys_have_no_marks()
    {
        HostKeyMarks.Of(null).ShouldBeEmpty();
        HostKeyMarks.Of("ssh-rsa AAAA").ShouldBeEmpty();
        HostKeyMarks.Of("ssh-ed25519 AAAA").ShouldBeEmpty();
    }
}
