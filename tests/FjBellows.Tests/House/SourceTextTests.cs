namespace FjBellows.Tests.House;

/// <summary>What counts as text of a C# file.</summary>
public sealed class SourceTextTests
{
    [Fact]
    public void Texts_of_every_kind_are_found_and_comments_and_code_are_not()
    {
        const string Code = """"
            // "a comment"
            var a = "plain \" quote"; /* "another" */ var c = '"'; var d = '\'';
            var b = $"before {(x ? "inside" : $"{y}")} after {{braces}}";
            var e = @"C:\path ""quoted""";
            var f = """
                raw "text"
                """;
            var g = $$"""{"json": {{value.Of("key")}}}""";
            """";

        SourceText.Of(Code).ShouldBe([
            new(2, "plain \\\" quote"), new(3, "inside"), new(3, "{}"), new(3, "before {} after {{braces}}"),
            new(4, "C:\\path \"\"quoted\"\""),
            new(5, "\n    raw \"text\"\n    "), new(8, "key"), new(8, "{\"json\": {}}"),
        ]);
    }

    [Fact]
    public void Every_file_of_ours_is_read_to_its_end()
    {
        foreach (var file in Repository.Sources("src"))
        {
            Should.NotThrow(() => SourceText.Of(File.ReadAllText(file)), file);
        }
    }
}
