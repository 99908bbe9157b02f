using System.Text.RegularExpressions;

namespace FjBellows.Tests.House;

/// <summary>docs/invariants.md agrees with the sources: every rule has its failure, the code that decides it, and the tests that carry its
/// id.</summary>
public sealed partial class InvariantPageTests
{
    private static readonly string Page = File.ReadAllText(Repository.At("docs/invariants.md"));
    private static readonly IReadOnlyList<(string Rule, string Class, string? Test)> Carriers = ReadTraits();

    private static readonly Dictionary<string, string[]> Traits = Carriers.GroupBy(c => c.Rule)
        .ToDictionary(g => g.Key, g => g.Select(c => c.Class).Distinct().Order(StringComparer.Ordinal).ToArray());

    public static TheoryData<string> Rules() => [.. Entries().Keys];

    [Fact]
    public void The_page_has_each_rule_once_and_each_rule_that_a_test_carries()
    {
        var rules = Rule().Matches(Page).Select(m => m.Groups[1].Value).ToArray();

        rules.ShouldBeUnique();
        Traits.Keys.Except(rules).ShouldBeEmpty("a test carries a rule that the page does not have");
    }

    [Fact]
    public void Rules_without_a_test_are_exactly_the_listed_ones()
    {
        var listed = WithoutTest().Matches(Page[Page.IndexOf("## Rules that no test carries", StringComparison.Ordinal)..])
            .Select(m => m.Groups[1].Value);

        listed.ShouldBe(Entries().Keys.Where(r => !Traits.ContainsKey(r)), ignoreOrder: true);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void A_rule_names_its_failure_its_code_and_exactly_its_tests(string rule)
    {
        var entry = Entries()[rule];

        entry.ShouldContain("\n- *Failure:* ", Case.Sensitive);
        Names(entry, "Decided by").ShouldNotBeEmpty();
        var expected = Traits.GetValueOrDefault(rule, []);
        Names(entry, "Tests").ShouldBe(expected, $"write: - *Tests:* {string.Join(", ", expected.Select(e => $"`{e}`"))}");
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_proof_of_a_rule_is_one_test_that_carries_it(string rule)
    {
        var proofs = Names(Entries()[rule], "Proof");
        if (!Traits.ContainsKey(rule))
        {
            proofs.ShouldBeEmpty("no test carries the rule");
            return;
        }

        var tests = Carriers.Where(c => c.Rule == rule && c.Test is not null).Select(c => $"{c.Class}.{c.Test}").Distinct().ToArray();
        tests.ShouldContain(proofs.ShouldHaveSingleItem(), $"tests that carry {rule}: {string.Join(", ", tests)}");
    }

    [Fact]
    public void The_code_that_a_rule_names_exists()
    {
        var sources = Repository.Sources("src").Select(File.ReadAllText).ToArray();
        var missing = Entries().SelectMany(e => Names(e.Value, "Decided by").Select(name => (Rule: e.Key, Name: name)))
            .Where(n => n.Name.Split('.') is not [var type, var member] || !sources.Any(s => Declares(s, type, member)));

        missing.ShouldBeEmpty();
    }

    private static bool Declares(string source, string type, string member) =>
        Regex.IsMatch(source, $@"\b(class|record|struct|interface)\s+{type}\b")
            && Regex.IsMatch(source, $@"\b{member}\b\s*(<[^>\n]*>)?\s*(\(|=>|\{{|;)");

    private static Dictionary<string, string> Entries()
    {
        var matches = Rule().Matches(Page);
        return matches.Select((m, i) => (m.Groups[1].Value, Page[m.Index..(i + 1 < matches.Count ? matches[i + 1].Index : Page.Length)]))
            .ToDictionary();
    }

    /// <summary>The names in a list item of an entry, which may go on over indented lines.</summary>
    private static string[] Names(string entry, string item) =>
        [.. Regex.Match(entry, $@"^- \*{item}:\*(.*(?:\n  .*)*)", RegexOptions.Multiline).Groups[1].Value.Split('`')
            .Where((_, i) => i % 2 == 1)];

    /// <summary>The test classes and tests that carry each rule. A class that carries one itself is there once without a test, and once
    /// with each of its tests.</summary>
    private static List<(string Rule, string Class, string? Test)> ReadTraits()
    {
        var found = new List<(string Rule, string Class, string? Test)>();
        foreach (var file in Repository.Sources("tests", "samples", "src/FjBellows.Testing"))
        {
            var (waiting, ofClass, name, isTest) = (new List<string>(), new List<string>(), "", false);
            foreach (var line in File.ReadLines(file))
            {
                waiting.AddRange(Trait().Matches(line).Select(m => m.Groups[1].Value));
                isTest |= Test().IsMatch(line);
                if (Class().Match(line) is { Success: true } c)
                {
                    name = c.Groups[1].Value;
                    ofClass = [.. waiting];
                    found.AddRange(waiting.Select(rule => (rule, name, (string?)null)));
                    waiting.Clear();
                }
                else if ((waiting.Count > 0 || isTest) && Declaration().IsMatch(line))
                {
                    var test = Method().Match(line).Groups[1].Value;
                    found.AddRange(waiting.Concat(ofClass).Select(rule => (rule, name, (string?)test)));
                    waiting.Clear();
                    isTest = false;
                }
            }

            waiting.ShouldBeEmpty($"{file}: a trait that belongs to no class and no test");
        }

        return found;
    }

    [GeneratedRegex(@"^\*\*([JWBOSR]\d+)\. ", RegexOptions.Multiline)]
    private static partial Regex Rule();

    [GeneratedRegex(@"^- ([JWBOSR]\d+)\b", RegexOptions.Multiline)]
    private static partial Regex WithoutTest();

    [GeneratedRegex(@"Trait\(""Invariant"", ""(\w+)""\)")]
    private static partial Regex Trait();

    [GeneratedRegex(@"^\s*(?:public|internal|file)? ?(?:sealed |abstract |static |partial )*class (\w+)")]
    private static partial Regex Class();

    [GeneratedRegex(@"^\s*(?:public|internal|private|protected|sealed|abstract|class)\b.*")]
    private static partial Regex Declaration();

    [GeneratedRegex(@"\[(?:Fact|Theory)\b")]
    private static partial Regex Test();

    [GeneratedRegex(@"\b(\w+)\(")]
    private static partial Regex Method();
}
