using System.Text.RegularExpressions;

namespace FjBellows.Integration.Tests.Docs;

/// <summary>The pages lead somewhere.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages() => [.. Snippet.Pages()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_inside_the_repository_ends_at_a_file_and_a_heading(string page)
    {
        var broken = new List<string>();
        foreach (var link in Links(File.ReadAllText(Repository.At(page))))
        {
            var (path, anchor) = link.Split('#', 2) is [var p, var a] ? (p, a) : (link, "");
            var target = path.Length == 0
                ? Repository.At(page)
                : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Repository.At(page))!, path));
            if (!(File.Exists(target) || Directory.Exists(target)) || (anchor.Length > 0 && !Headings(target).Contains(anchor)))
            {
                broken.Add(link);
            }
        }

        broken.ShouldBeEmpty();
    }

    [Fact]
    public void A_link_is_found_and_a_web_address_is_none() =>
        Links("[a](b.md#c), ![d](e.png \"f\"), [g](https://forgejo.org/), [h](mailto:i@j)\n```\n[k](l.md)\n```\n")
            .ShouldBe(["b.md#c", "e.png"]);

    private static string[] Links(string text) =>
        [.. Link().Matches(Fence().Replace(text, "")).Select(m => m.Groups[1].Value)
            .Where(l => !l.Contains(':', StringComparison.Ordinal))];

    /// <summary>The anchors that a forge makes of a page's headings.</summary>
    private static HashSet<string> Headings(string file) =>
        [.. Heading().Matches(Fence().Replace(File.ReadAllText(file), ""))
            .Select(m => NotInAnchor().Replace(m.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(@"\]\(([^)\s]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
