using System.Text.Json.Nodes;

namespace FjBellows.Daemon.Configuration;

/// <summary>One key of the configuration, described once: the decoder, the JSON schema and the reference page all read this.</summary>
/// <param name="name">The key as it is written.</param>
/// <param name="doc">What it means, in a sentence or two.</param>
internal abstract class ConfigKey(string name, string doc)
{
    /// <summary>The key as it is written.</summary>
    public string Name { get; } = name;

    /// <summary>What it means.</summary>
    public string Doc { get; } = doc;

    /// <summary>True when the key must be there.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What holds when the key is missing, for people; null where nothing needs to be said.</summary>
    public string? DefaultText { get; init; }

    /// <summary>True when its value is shown to no one: a secret, or what may hold one (invariant S4).</summary>
    public bool IsPrivate { get => field || ValueKind == ConfigTypes.Secret.Kind; init; }

    /// <summary>What kind of value it takes, for people: <c>duration</c>, <c>list of texts</c>.</summary>
    public abstract string ValueKind { get; }

    /// <summary>The JSON schema of its value, without description and default.</summary>
    public abstract JsonObject ValueSchema();
}

/// <summary>A key whose value is read as a whole.</summary>
/// <typeparam name="T">What it is read as.</typeparam>
/// <param name="name">The key as it is written.</param>
/// <param name="doc">What it means.</param>
/// <param name="type">How its value is read.</param>
internal sealed class ConfigKey<T>(string name, string doc, ConfigType<T> type) : ConfigKey(name, doc)
{
    /// <summary>What holds when the key is missing.</summary>
    public T? Default { get; init; }

    /// <summary>How its value is read.</summary>
    public ConfigType<T> Type { get; } = type;

    /// <inheritdoc />
    public override string ValueKind => Type.Kind;

    /// <inheritdoc />
    public override JsonObject ValueSchema() => Type.Schema();
}
