using System.Text.Json.Serialization;

namespace FjBellows.Daemon.Configuration;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    /// <summary>In order.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>Works, and the operator should know.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>The daemon refuses to start with it.</summary>
    [JsonStringEnumMemberName("error")]
    Error,
}
