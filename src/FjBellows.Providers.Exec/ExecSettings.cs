using System.Text.Json.Nodes;

namespace FjBellows.Providers.Exec;

/// <summary>What <c>provider_config</c> says when the provider is <c>exec</c>.</summary>
public sealed record ExecSettings
{
    /// <summary>Key <c>command</c>: the program and its first arguments; the verb comes after them. No shell reads it.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Key <c>directory</c>: where the program runs.</summary>
    public required string Directory { get; init; }

    /// <summary>Key <c>env</c>: names of environment variables that are passed on beside PATH, HOME and LANG.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Key <c>settings</c>: the program's own settings, passed as JSON on its standard input. They may hold secrets.</summary>
    public JsonObject Settings { get; init; } = [];

    /// <summary>Texts of the settings that came from references such as <c>${NAME}</c>: secrets whatever the program says.</summary>
    public IReadOnlyList<Secret> Secrets { get; init; } = [];

    /// <summary>Keys <c>timeouts.*</c>: how long each verb may take.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Timeouts { get; init; } = DefaultTimeouts;

    /// <summary>True to end the program by KILL alone, as a crash does; for the contract's test.</summary>
    internal bool KillsAtOnce { get; init; }

    /// <summary>The verbs and how long each may take when the configuration does not say otherwise.</summary>
    public static IReadOnlyDictionary<string, TimeSpan> DefaultTimeouts { get; } = new Dictionary<string, TimeSpan>(StringComparer.Ordinal)
    {
        ["describe"] = TimeSpan.FromSeconds(10),
        ["create"] = TimeSpan.FromSeconds(180),
        ["list"] = TimeSpan.FromSeconds(60),
        ["get"] = TimeSpan.FromSeconds(30),
        ["delete"] = TimeSpan.FromSeconds(60),
        ["check"] = TimeSpan.FromSeconds(60),
        ["sweep"] = TimeSpan.FromSeconds(60),
    };
}
