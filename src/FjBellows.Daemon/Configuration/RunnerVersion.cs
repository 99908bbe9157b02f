using FjBellows.Dispatch;

namespace FjBellows.Daemon.Configuration;

/// <summary>Which releases of forgejo-runner will do.</summary>
internal static class RunnerVersion
{
    /// <summary>What is wrong with a version, null when nothing is.</summary>
    /// <param name="version">The version as written, with or without a leading v.</param>
    public static Problem? Problem(string version)
    {
        var plain = version.StartsWith('v') ? version[1..] : version;
        return !Version.TryParse(plain, out var parsed) || parsed.Build < 0 || parsed.Revision >= 0
            ? new($"'{version}' is not a release of forgejo-runner", $"write three numbers, such as {ConfigKeys.DefaultRunnerVersion}")
            : parsed < RunnerVersions.Oldest
                ? new($"forgejo-runner {version} is too old: before {RunnerVersions.Oldest} its exit code does not say whether it " +
                    $"received a job", $"use {ConfigKeys.DefaultRunnerVersion}")
                : null;
    }
}
