using System.Text.RegularExpressions;

namespace FjBellows.Integration.Tests.Docs;

/// <summary>A fenced block of a page.</summary>
/// <param name="Page">The page, from the repository's root.</param>
/// <param name="Line">Where its text begins.</param>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Text">Its lines, without the indentation of the fence.</param>
public sealed record Snippet(string Page, int Line, string Language, string Text)
{
    /// <summary>Every block of every page.</summary>
    public static IReadOnlyList<Snippet> All { get; } = [.. Pages().SelectMany(Of)];

    /// <summary>The pages, from the repository's root.</summary>
    public static IEnumerable<string> Pages() => Directory.EnumerateFiles(Repository.Root, "*.md")
        .Concat(Directory.EnumerateFiles(Repository.At("docs"), "*.md", SearchOption.AllDirectories))
        .Select(f => Path.GetRelativePath(Repository.Root, f))
        .Order(StringComparer.Ordinal);

    /// <summary>Its commands, one a line: comments left out, continued lines joined.</summary>
    public IEnumerable<string> Commands() =>
        Text.Replace("\\\n", "", StringComparison.Ordinal).Split('\n').Select(l => Regex.Replace(l, @"\s+#\s.*$", "").Trim())
            .Where(l => l.Length > 0 && l[0] != '#');

    public override string ToString() => $"{Page}:{Line}";

    private static IEnumerable<Snippet> Of(string page)
    {
        Match? fence = null;
        var (begin, text) = (0, new List<string>());
        var number = 0;
        foreach (var line in File.ReadLines(Repository.At(page)))
        {
            number++;
            var match = Regex.Match(line, @"^(\s*)```(\w*)\s*$");
            if (fence is null && match.Success)
            {
                (fence, begin, text) = (match, number + 1, []);
            }
            else if (fence is not null && match.Success)
            {
                yield return new Snippet(page, begin, fence.Groups[2].Value, string.Join('\n', text));
                fence = null;
            }
            else if (fence is not null)
            {
                var indent = fence.Groups[1].Length;
                text.Add(line.Length >= indent ? line[indent..] : line.TrimStart());
            }
        }

        fence.ShouldBeNull($"{page}: a fence is not closed");
    }
}
