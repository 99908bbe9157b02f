using System.Text;
using CsCheck;
using FjBellows.Providers.Docker;

namespace FjBellows.Tests.Docker;

public sealed class DockerOutputTests
{
    private static readonly string[] Parts = ["a", "ö", "€", "𝄞", "\n", "\r", "0123456789"];
    private static readonly Gen<string> Texts = Gen.Int[0, Parts.Length - 1].Array[0, 60]
        .Select(parts => string.Concat(parts.Select(i => Parts[i])));

    [Fact]
    public void Lines_do_not_depend_on_where_the_output_is_divided() =>
        Gen.Select(Texts, Gen.Int[1, 7]).Sample((text, step) =>
        {
            var lines = new List<string>();
            var output = new LineOutput(lines.Add);
            foreach (var part in Encoding.UTF8.GetBytes(text).Chunk(step))
            {
                output.Take(part);
            }

            output.End();
            var expected = text.Split('\n');
            lines.ShouldBe(expected[^1].Length == 0 ? expected[..^1] : expected);
        });

    [Fact]
    public void A_cut_output_is_a_beginning_of_whole_characters() =>
        Gen.Select(Texts, Gen.Int[1, 40], Gen.Int[1, 7]).Sample((text, most, step) =>
        {
            var output = new CutOutput(most);
            foreach (var part in Encoding.UTF8.GetBytes(text).Chunk(step))
            {
                output.Take(part);
            }

            var kept = output.ToString();
            text.ShouldStartWith(kept, Case.Sensitive);
            Encoding.UTF8.GetByteCount(kept).ShouldBeLessThanOrEqualTo(most);
            Encoding.UTF8.GetByteCount(kept).ShouldBeGreaterThan(Math.Min(most, Encoding.UTF8.GetByteCount(text)) - 4);
        });
}
