namespace FjBellows.Tests.House;

/// <summary>Lines of code are at most 140 columns wide, so that two files fit beside each other.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 140;

    [Fact]
    public void No_line_is_wider_than_140_columns()
    {
        var wide = Repository.Sources().SelectMany(WideLines).ToArray();

        wide.ShouldBeEmpty("a document of several lines inside a text literal may be wider; nothing else may");
    }

    private static IEnumerable<string> WideLines(string file)
    {
        var lines = File.ReadAllLines(file);
        if (lines.All(l => l.Length <= Longest))
        {
            yield break;
        }

        // YAML, SQL, HTML or a shell script between three quotes has line breaks of its own.
        var texts = SourceText.Of(File.ReadAllText(file)).Where(t => t.Text.Contains('\n', StringComparison.Ordinal)).ToArray();
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Length > Longest && !texts.Any(t => t.Line <= i + 1 && i + 1 <= t.Line + t.Text.Count(c => c == '\n')))
            {
                yield return $"{Path.GetRelativePath(Repository.Root, file)}:{i + 1}: {lines[i].Length} columns";
            }
        }
    }
}
