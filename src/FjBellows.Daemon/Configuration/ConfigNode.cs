namespace FjBellows.Daemon.Configuration;

/// <summary>A part of a YAML file, with its place.</summary>
/// <param name="Mark">Where it begins.</param>
internal abstract record ConfigNode(Mark Mark)
{
    /// <summary>What it is called in a sentence.</summary>
    public abstract string Kind { get; }
}

/// <summary>A single value.</summary>
/// <param name="Mark">Where it begins.</param>
/// <param name="Text">The text, unquoted, its references not yet resolved.</param>
/// <param name="IsPlain">True when it was written without quotes and not as a block.</param>
internal sealed record ConfigScalar(Mark Mark, string Text, bool IsPlain) : ConfigNode(Mark)
{
    /// <inheritdoc />
    public override string Kind => IsNull ? "nothing" : "a single value";

    /// <summary>True when nothing was written, or YAML's word for nothing.</summary>
    public bool IsNull => IsPlain && Text is ("" or "~" or "null" or "Null" or "NULL");
}

/// <summary>A list.</summary>
/// <param name="Mark">Where it begins.</param>
internal sealed record ConfigList(Mark Mark, IReadOnlyList<ConfigNode> Items) : ConfigNode(Mark)
{
    /// <inheritdoc />
    public override string Kind => "a list";
}

/// <summary>A mapping.</summary>
/// <param name="Mark">Where it begins.</param>
/// <param name="Entries">Its entries in the order of the file; no key twice.</param>
internal sealed record ConfigMap(Mark Mark, IReadOnlyList<ConfigEntry> Entries) : ConfigNode(Mark)
{
    /// <inheritdoc />
    public override string Kind => "a mapping";

    /// <summary>The entry of a key, null when there is none.</summary>
    public ConfigEntry? Find(string key) => Entries.FirstOrDefault(e => e.Key == key);
}

/// <summary>One entry of a mapping.</summary>
/// <param name="KeyMark">Where the key stands.</param>
internal sealed record ConfigEntry(string Key, Mark KeyMark, ConfigNode Value);
