using System.Text;
using CsCheck;
using FjBellows.Daemon.Configuration;
using static FjBellows.Tests.Configuration.ConfigFixture;

namespace FjBellows.Tests.Configuration;

public class BrokenFileTests
{
    [Theory]
    [InlineData("", "empty")]
    [InlineData("\n\n# only a comment\n", "empty")]
    [InlineData("---\n", "empty")]
    [InlineData("~", "empty")]
    [InlineData("- a\n- b\n", "a list instead")]
    [InlineData("just words", "a single value instead")]
    [InlineData("forgejo:\n\turl: x\n", "indented with a tab")]
    [InlineData("forgejo: {url: [}", "not valid YAML")]
    [InlineData("forgejo: 'open", "not valid YAML")]
    [InlineData("a: b: c", "not valid YAML")]
    [InlineData("a: *nowhere", "alias *nowhere")]
    [InlineData("a: &x [*x]", "alias *x")]
    public void A_file_that_is_no_configuration_is_reported_in_one_sentence(string yaml, string reason)
    {
        var error = Error(yaml);

        error.Message.ShouldContain(reason);
        error.File.ShouldBe("config.yaml");
    }

    [Fact]
    public void A_syntax_error_has_its_place() => Error("forgejo:\n  url: x\n\ttoken: y\n").Mark.Line.ShouldBe(3);

    [Fact]
    public void A_key_that_stands_twice_names_both_lines()
    {
        var error = Error(Minimal + "\ntag: other\n");

        error.Place.ShouldBe("config.yaml:12:1");
        error.Message.ShouldContain("first is on line 6");
    }

    [Fact]
    public void A_second_document_is_refused() => Error(Minimal + "\n---\nx: y\n").Message.ShouldContain("second YAML document");

    [Fact]
    public void A_tag_of_a_foreign_type_is_refused() =>
        Error(With("  token: t0ken", "  token: !vault abc")).Message.ShouldContain("!vault");

    [Fact]
    public void A_group_as_a_key_is_refused() => Error(Minimal + "\n? [a, b]\n: c\n").Message.ShouldContain("expected a key");

    [Fact]
    public void Binary_is_told_from_text()
    {
        Load([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]).Findings.ShouldHaveSingleItem().Message.ShouldContain("not text");
        Load([0x80, 0xff, 0xfe]).Findings.ShouldHaveSingleItem().Message.ShouldContain("not UTF-8");
        Load(Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(Minimal)).ToArray()).Findings.ShouldHaveSingleItem().Message
            .ShouldContain("UTF-16");
    }

    [Fact]
    public void A_byte_order_mark_and_Windows_line_ends_are_harmless() =>
        Load(Encoding.UTF8.GetPreamble().Concat(Encoding.UTF8.GetBytes(Minimal.Replace("\n", "\r\n", StringComparison.Ordinal)))
            .ToArray()).Config.ShouldNotBeNull();

    [Fact]
    public void Ten_megabytes_are_refused_unread()
    {
        var error = Load(new byte[10 * 1024 * 1024]).Findings.ShouldHaveSingleItem();

        error.Message.ShouldContain("10,485,760 bytes");
    }

    [Fact]
    public void Aliases_cannot_blow_up()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 30; i++)
        {
            bomb.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        Error(bomb.ToString()).Message.ShouldContain("expand to more than");
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void Nesting_has_an_end(char bracket) =>
        Load("a: " + new string(bracket, 100_000)).Findings.ShouldHaveSingleItem().Severity.ShouldBe(Severity.Error);

    [Fact]
    public void Aliases_and_merges_of_a_sensible_size_work()
    {
        var config = Read(Minimal + "\npools:\n  a: &a {labels: [x], scale: {max: 3}}\n  b: {<<: *a, labels: [y]}\n");

        config.Pools.Select(p => (p.Settings.Labels.Query, p.Settings.Max)).ShouldBe([("x", 3), ("y", 3)]);
    }

    [Fact]
    public void No_damage_to_a_file_makes_the_reader_throw()
    {
        var good = Encoding.UTF8.GetBytes(
            Minimal + "\npoll: {interval: 5s}\npools:\n- name: a\n  labels: &l [x]\n- {name: b, labels: *l}\n");
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[0, good.Length]).Sample((at, value, length) =>
        {
            var bytes = good.ToArray();
            bytes[at] = value;
            var loaded = Load(bytes[..Math.Max(length, at)]);
            (loaded.Config is null).ShouldBe(loaded.Findings.Any(f => f.Severity == Severity.Error));
        }, iter: 2000);
    }

    [Fact]
    public void No_bytes_make_the_reader_throw() => Gen.Byte.Array[0, 200].Sample(bytes => Load(bytes).Config.ShouldBeNull(), iter: 2000);
}
