using System.Text.RegularExpressions;

namespace FjBellows.Tests.House;

/// <summary>Operators and contributors read the field's own terms (docs/glossary.md), not the words that docs/style.md lists.</summary>
public sealed partial class PlainWordsTests
{
    /// <summary>Where such a word is right: a part of the file's name, the line's text, and why.</summary>
    private static readonly (string File, string Text, string Why)[] Exceptions =
    [
        ("docs/glossary.md", "| reaper |", "what others call it"),
        ("src/FjBellows/Ledger/WorkerLedger.cs", "paid", "a frozen name in the history"),
        ("src/FjBellows.Journal/JournalManifests.cs", "w.paid-time-renewed.1", "a frozen name in the journal"),
        ("CHANGELOG.md", "| library | `PaidTime`", "the page says what types were called"),
        ("CHANGELOG.md", "| library | `DrainAll.Destroy`", "the page says what members were called"),
        ("src/FjBellows.Ssh/SshAlgorithms.cs", "nobody", "a user name of Linux, of a connection that is never opened"),
        ("src/FjBellows.Ssh/Bootstrap/CloudInit.cs", "--user=nobody", "the user under which dnsmasq runs"),
        ("src/FjBellows.Ssh/Bootstrap/network.sh", "--user=nobody", "the user under which dnsmasq runs"),
        ("CHANGELOG.md", "| commands | `buy`", "the page says what a command was called"),
        ("CHANGELOG.md", "| API | `POST /api/v1/buy`", "the page says what a route was called"),
        ("CHANGELOG.md", "| library | `PoolProtocol.ReapWorker`", "the page says what a type was called"),
    ];

    /// <summary>What people read besides texts of the program.</summary>
    private static readonly string[] Pages =
        ["*.md", "*.yaml", "*.yml", "*.sh", "*.html", "*.js", "*.css", "*.json", "*.service", "*.conf", "*.container", "Dockerfile*"];

    private static readonly Regex Banned = ReadBanned();

    [Fact]
    public void No_text_of_the_program_uses_a_banned_word()
    {
        var found = Repository.Sources("src").SelectMany(f => SourceText.Of(File.ReadAllText(f)).Select(t => new Place(f, t.Line, t.Text)));

        Wrong(found).ShouldBeEmpty();
    }

    [Fact]
    public void No_comment_of_the_program_uses_a_banned_word()
    {
        var found = Repository.Sources("src", "samples").Where(f => !IsStandIn(f))
            .SelectMany(f => File.ReadLines(f).Select((line, i) => new Place(f, i + 1, Comment().Match(line).Groups[1].Value)));

        Wrong(found).ShouldBeEmpty();
    }

    [Fact]
    public void No_name_of_the_public_surface_holds_a_banned_word()
    {
        var found = Repository.Files("PublicAPI.Shipped.txt", "src")
            .SelectMany(f => File.ReadLines(f).Select((line, i) => new Place(f, i + 1, WordStart().Replace(line, " "))));

        Wrong(found).ShouldBeEmpty();
    }

    [Fact]
    public void No_page_script_or_manifest_uses_a_banned_word() => Wrong(Lines()).ShouldBeEmpty();

    [Fact]
    public void Each_exception_is_still_one()
    {
        foreach (var (file, text, _) in Exceptions)
        {
            File.ReadAllText(Repository.At(file)).ShouldContain(text, Case.Sensitive, file);
        }
    }

    [Fact]
    public void A_number_of_things_has_a_real_plural()
    {
        var found = Repository.Sources("src").Where(f => !IsStandIn(f))
            .SelectMany(f => SourceText.Of(File.ReadAllText(f)).Select(t => new Place(f, t.Line, t.Text)));

        found.Where(p => LazyPlural().IsMatch(p.Text)).Select(p => p.ToString()).ShouldBeEmpty();
    }

    [Fact]
    public void No_text_of_the_program_names_a_rule_by_its_id()
    {
        var found = Repository.Sources("src").SelectMany(f => SourceText.Of(File.ReadAllText(f)).Select(t => new Place(f, t.Line, t.Text)));

        found.Where(p => !p.File.StartsWith("src/FjBellows.Testing/", StringComparison.Ordinal) && RuleId().IsMatch(p.Text))
            .Select(p => p.ToString()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("it is bought at once", true)]
    [InlineData("Purchases stop", true)]
    [InlineData("orphans are destroyed", true)]
    [InlineData("a worker without its link", true)]
    [InlineData("a stranger; folds, dialog, mend", false)]
    [InlineData("a stop with -destroy-on-exit", false)]
    public void Whole_words_count(string text, bool expected) => Banned.IsMatch(text).ShouldBe(expected);

    private static IEnumerable<Place> Lines() => Pages
        .SelectMany(p => Repository.Files(p, "docs", "deploy", "src", "samples", ".forgejo", ".ci")
            .Concat(Directory.EnumerateFiles(Repository.Root, p)))
        .Where(f => !f.EndsWith("packages.lock.json", StringComparison.Ordinal) && !IsStandIn(f))
        .SelectMany(f => File.ReadLines(f).Select((line, i) => new Place(f, i + 1, line)))
        .Where(p => p.File != "docs/style.md" || !Words().Contains(p.Text, StringComparison.Ordinal));

    /// <summary>Words of Forgejo or of a cloud, as its stand-in answers them.</summary>
    private static bool IsStandIn(string file) => file.Contains("/Sandbox/Forge/", StringComparison.Ordinal)
        || file.Contains("FjBellows.Sandbox/Forge/", StringComparison.Ordinal)
        || file.Contains("FjBellows.Testing/Clouds/", StringComparison.Ordinal);

    private static string[] Wrong(IEnumerable<Place> places) =>
        [.. places
            .Where(p => Banned.IsMatch(p.Text)
                && !Exceptions.Any(e => p.File == e.File && p.Text.Contains(e.Text, StringComparison.Ordinal)))
            .Select(p => p.ToString())];

    /// <summary>The right column of the table in docs/style.md. The flag <c>-destroy-on-exit</c> is of the Go original.</summary>
    private static Regex ReadBanned()
    {
        var words = Row().Matches(Words()).Skip(2).SelectMany(m => m.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries))
            .Select(word => Regex.Escape(word).Replace(@"\*", @"\w*", StringComparison.Ordinal)).ToArray();
        words.Length.ShouldBeGreaterThan(20);
        return new Regex($@"\b(?:{string.Join('|', words)})\b(?!-on-exit)", RegexOptions.IgnoreCase);
    }

    private static string Words()
    {
        var page = File.ReadAllText(Repository.At("docs/style.md"));
        var start = page.IndexOf("| write | not |", StringComparison.Ordinal);
        return page[start..page.IndexOf("\n\n", start, StringComparison.Ordinal)];
    }

    [GeneratedRegex(@"^\|[^|\n]*\| ?([^|\n]*?) ?\|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("^\\s*///?(.*)$")]
    private static partial Regex Comment();

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();

    [GeneratedRegex(@"\w\(e?s\)(?!\w)")]
    private static partial Regex LazyPlural();

    [GeneratedRegex(@"\((?:invariants? )?[JWBOSR]\d{1,2}\)|\binvariants? [JWBOSR]\d")]
    private static partial Regex RuleId();

    /// <summary>A piece of text.</summary>
    /// <param name="Path">The file that holds it.</param>
    private sealed record Place(string Path, int Line, string Text)
    {
        public string File => System.IO.Path.GetRelativePath(Repository.Root, Path);

        public override string ToString() => $"{File}:{Line}: {Text.Trim()}";
    }
}
