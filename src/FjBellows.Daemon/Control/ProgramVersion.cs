using System.Reflection;

namespace FjBellows.Daemon.Control;

/// <summary>This program's version.</summary>
internal static class ProgramVersion
{
    /// <summary>The version, without the commit.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "unknown";
}
