namespace FjBellows.Daemon.Configuration;

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
