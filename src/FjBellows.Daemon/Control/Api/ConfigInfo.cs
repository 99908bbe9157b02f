namespace FjBellows.Daemon.Control.Api;

/// <summary><c>GET /api/v1/config</c>: the configuration in force. Secrets are masked.</summary>
/// <param name="LoadedAt">When it was read.</param>
/// <param name="Settings">Each key that is set, and each that has a default, in the order of docs/configuration.md.</param>
public sealed record ConfigInfo(string File, DateTimeOffset LoadedAt, IReadOnlyList<ConfigSetting> Settings);

/// <summary>One key.</summary>
/// <param name="Key">The whole name, such as <c>poll.interval</c>.</param>
/// <param name="Value">Its value as written, a secret as <c>***</c>; references to variables and files are shown, not what they
/// hold.</param>
/// <param name="IsDefault">True when the file does not say it.</param>
public sealed record ConfigSetting(string Key, string Value, bool IsDefault);
