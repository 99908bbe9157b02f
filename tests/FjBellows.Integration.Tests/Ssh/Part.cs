namespace FjBellows.Integration.Tests.Ssh;

/// <summary>A program that a test cannot do without.</summary>
internal static class Part
{
    /// <summary>The program's path. Without it the test is skipped on somebody's machine and fails in CI.</summary>
    public static string Find(string program, string package)
    {
        var path = $"/usr/sbin:/usr/bin:/sbin:/bin:{Environment.GetEnvironmentVariable("PATH")}".Split(':')
            .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
        Demand(path is not null, $"{program} is missing: apt-get install {package}");
        return path!;
    }

    /// <summary>Root's rights, where a test makes namespaces.</summary>
    public static void DemandRoot() => Demand(Environment.IsPrivilegedProcess, "needs root");

    /// <summary>Anything else. Without it the test is skipped on somebody's machine and fails in CI.</summary>
    public static void Demand(bool holds, string otherwise)
    {
        if (Environment.GetEnvironmentVariable("CI") is { Length: > 0 })
        {
            holds.ShouldBeTrue(otherwise);
        }

        Skip.IfNot(holds, otherwise);
    }
}
