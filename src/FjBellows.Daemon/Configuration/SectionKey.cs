using System.Text.Json.Nodes;

namespace FjBellows.Daemon.Configuration;

/// <summary>A key that holds further keys.</summary>
/// <param name="name">The key as it is written.</param>
/// <param name="doc">What it means.</param>
/// <param name="keys">The keys below it.</param>
internal sealed class SectionKey(string name, string doc, params IReadOnlyList<ConfigKey> keys) : ConfigKey(name, doc)
{
    /// <summary>The keys below it.</summary>
    public IReadOnlyList<ConfigKey> Keys { get; } = keys;

    /// <inheritdoc />
    public override string ValueKind => "group";

    /// <inheritdoc />
    public override JsonObject ValueSchema() => ConfigSchema.OfKeys(Keys);
}
