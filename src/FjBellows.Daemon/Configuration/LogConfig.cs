namespace FjBellows.Daemon.Configuration;

/// <summary>What the daemon says.</summary>
/// <param name="Format">human or json.</param>
/// <param name="Level">debug, info, warning or error.</param>
internal sealed record LogConfig(string Format, string Level);
