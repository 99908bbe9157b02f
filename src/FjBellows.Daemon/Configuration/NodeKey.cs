using System.Text.Json.Nodes;

namespace FjBellows.Daemon.Configuration;

/// <summary>A key whose content is read elsewhere: the pools, a provider's own configuration.</summary>
/// <param name="name">The key as it is written.</param>
/// <param name="doc">What it means.</param>
/// <param name="kind">What kind of value it takes, for people.</param>
/// <param name="schema">Its JSON schema.</param>
internal sealed class NodeKey(string name, string doc, string kind, Func<JsonObject> schema) : ConfigKey(name, doc)
{
    /// <inheritdoc />
    public override string ValueKind { get; } = kind;

    /// <inheritdoc />
    public override JsonObject ValueSchema() => schema();
}
