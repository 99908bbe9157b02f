namespace FjBellows.Daemon.Configuration;

/// <summary>The runner program on workers.</summary>
/// <param name="Version">The release to install.</param>
/// <param name="Path">One that is there already, null where it is installed.</param>
/// <param name="Mirror">Where to download from, null for the releases' home.</param>
internal sealed record RunnerConfig(string Version, string? Path, Uri? Mirror);
