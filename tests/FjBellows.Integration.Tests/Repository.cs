namespace FjBellows.Integration.Tests;

/// <summary>The files of this repository, found upwards from where the tests run.</summary>
internal static class Repository
{
    /// <summary>Its root.</summary>
    public static string Root { get; } = Find();

    public static string At(string path) => Path.Combine(Root, path);

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
