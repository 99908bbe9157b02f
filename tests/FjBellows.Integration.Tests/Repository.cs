namespace FjBellows.Integration.Tests;

/// <summary>The files of this repository, found upwards from where the tests run.</summary>
internal static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = Find();

    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>Every C# file of ours.</summary>
    public static IEnumerable<string> Sources() => ((string[])["src", "tests", "samples"])
        .SelectMany(d => Directory.EnumerateFiles(At(d), "*.cs", SearchOption.AllDirectories))
        .Where(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "FjBellows.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException($"FjBellows.sln is nowhere above {AppContext.BaseDirectory}");
        }

        return directory.FullName;
    }
}
