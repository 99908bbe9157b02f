namespace FjBellows.Daemon.Configuration;

/// <summary>One entry of a mapping.</summary>
/// <param name="KeyMark">Where the key stands.</param>
internal sealed record ConfigEntry(string Key, Mark KeyMark, ConfigNode Value);
