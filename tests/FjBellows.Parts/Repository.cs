namespace FjBellows.Parts;

/// <summary>The files of this repository, found upwards from where the tests run.</summary>
public static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = Find();

    /// <summary>The path of a file or folder.</summary>
    /// <param name="path">From the root.</param>
    public static string At(string path) => Path.Combine(Root, path);

    /// <summary>Every C# file of ours.</summary>
    public static IEnumerable<string> Sources() => Sources("src", "tests", "samples");

    /// <summary>Every C# file of ours in some folders of the root.</summary>
    public static IEnumerable<string> Sources(params string[] folders) => Files("*.cs", folders);

    /// <summary>Files of ours in some folders of the root: nothing that a build or a package manager made.</summary>
    /// <param name="pattern">Which names.</param>
    /// <param name="folders">From the root.</param>
    public static IEnumerable<string> Files(string pattern, params string[] folders) => folders
        .SelectMany(d => Directory.EnumerateFiles(At(d), pattern, SearchOption.AllDirectories))
        .Where(f => !Made.Any(m => f.Contains(m, StringComparison.Ordinal)))
        .Order(StringComparer.Ordinal);

    private static readonly string[] Made = ["/obj/", "/bin/", "/node_modules/", "/TestResults/"];

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "FjBellows.sln")))
        {
            directory = directory.Parent
                ?? throw new InvalidOperationException($"FjBellows.sln is in no folder above {AppContext.BaseDirectory}");
        }

        return directory.FullName;
    }
}
