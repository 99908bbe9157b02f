using System.Text.Json.Nodes;

namespace FjBellows.Daemon.Configuration;

/// <summary>A key that holds a list of groups, each with the same keys.</summary>
/// <param name="name">The key as it is written.</param>
/// <param name="doc">What it means.</param>
/// <param name="keys">The keys of each group.</param>
internal sealed class SectionListKey(string name, string doc, params IReadOnlyList<ConfigKey> keys) : ConfigKey(name, doc)
{
    /// <summary>The keys of each group.</summary>
    public IReadOnlyList<ConfigKey> Keys { get; } = keys;

    /// <inheritdoc />
    public override string ValueKind => "list of groups";

    /// <inheritdoc />
    public override JsonObject ValueSchema() => new() { ["type"] = "array", ["items"] = ConfigSchema.OfKeys(Keys) };
}
