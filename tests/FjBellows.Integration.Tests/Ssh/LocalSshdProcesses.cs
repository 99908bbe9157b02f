using System.Globalization;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>The private sshd processes of the provider <c>local</c>, as the kernel knows them.</summary>
internal static class LocalSshdProcesses
{
    /// <summary>The pids of the listening ones whose configuration lies below a directory, in order.</summary>
    public static string[] Below(string directory) =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Where(p => int.TryParse(Path.GetFileName(p), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Where(p => CommandLine(p) is var line && line.Contains("sshd", StringComparison.Ordinal)
                && line.Contains(directory + "/", StringComparison.Ordinal))
            .Select(p => Path.GetFileName(p))
            .Order(StringComparer.Ordinal),
    ];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
