namespace FjBellows.Daemon.Configuration;

/// <summary>Reads one group of keys strictly: what is not in its table is refused by name, place and nearest known key.</summary>
internal sealed class ConfigSection
{
    private readonly ConfigMap _map;
    private readonly IReadOnlyList<ConfigKey> _keys;

    /// <summary>Opens a group and tells every key in it that the table does not know.</summary>
    /// <param name="path">The group's full name, empty for the root.</param>
    /// <param name="map">The group.</param>
    /// <param name="keys">The table.</param>
    /// <param name="findings">Takes what is wrong.</param>
    /// <param name="sources">Where references are looked up.</param>
    public ConfigSection(string path, ConfigMap map, IReadOnlyList<ConfigKey> keys, Findings findings, ConfigSources sources)
    {
        Path = path;
        _map = map;
        _keys = keys;
        Findings = findings;
        Sources = sources;
        foreach (var entry in map.Entries.Where(e => keys.All(k => k.Name != e.Key)))
        {
            TellUnknown(entry);
        }
    }

    /// <summary>The group's full name, empty for the root.</summary>
    public string Path { get; }

    /// <summary>Where the group begins.</summary>
    public Mark Mark => _map.Mark;

    /// <summary>Takes what is wrong.</summary>
    public Findings Findings { get; }

    /// <summary>Where references are looked up.</summary>
    public ConfigSources Sources { get; }

    /// <summary>True when the key is there with a value.</summary>
    public bool Has(ConfigKey key) => Node(key) is not null;

    /// <summary>The node of a key, null when it is missing or holds nothing.</summary>
    public ConfigNode? Node(ConfigKey key) => _map.Find(key.Name)?.Value is { } node and not ConfigScalar { IsNull: true } ? node : null;

    /// <summary>The place of a key's value, or of the group when the key is missing.</summary>
    public Mark MarkOf(ConfigKey key) => _map.Find(key.Name)?.Value.Mark ?? Mark;

    /// <summary>The full name of a key of this group.</summary>
    public string FullName(ConfigKey key) => Path.Length == 0 ? key.Name : $"{Path}.{key.Name}";

    /// <summary>Adds an error at a key.</summary>
    public void Error(ConfigKey key, string message, string fix) => Findings.Error(MarkOf(key), FullName(key), message, fix);

    /// <summary>Adds a warning at a key.</summary>
    public void Warn(ConfigKey key, string message, string fix) => Findings.Warn(MarkOf(key), FullName(key), message, fix);

    /// <summary>The value of a key, its default when it is missing. A required key that is missing is an error.</summary>
    /// <returns>The value; default(T) after a finding, so look at the findings before you use it.</returns>
    public T? Get<T>(ConfigKey<T> key)
    {
        if (Node(key) is { } node)
        {
            return key.Type.Read(node, new ValueContext(FullName(key), Findings, Sources));
        }

        if (key.IsRequired)
        {
            Error(key, $"{FullName(key)} is missing", key.Doc);
        }

        return key.Default;
    }

    /// <summary>Opens a group below this one; an empty group where the key is missing.</summary>
    public ConfigSection Section(SectionKey key) => Section(key, key.Keys);

    /// <summary>Opens a group below this one with a table of the caller's choice.</summary>
    public ConfigSection Section(ConfigKey key, IReadOnlyList<ConfigKey> keys)
    {
        var map = new ConfigMap(MarkOf(key), []);
        switch (Node(key))
        {
            case ConfigMap found:
                map = found;
                break;
            case { } node:
                Error(key, $"{FullName(key)} expected a mapping, found {node.Kind}",
                    $"write the keys of {key.Name} on lines of their own below it, indented");
                // The keys it lacks are not worth further findings.
                return new ConfigSection(FullName(key), map, [], new Findings(Findings.File), Sources);
        }

        return new ConfigSection(FullName(key), map, keys, Findings, Sources);
    }

    /// <summary>Opens every group of a list; none where the key is missing.</summary>
    public IReadOnlyList<ConfigSection> Sections(SectionListKey key)
    {
        if (Node(key) is not { } node)
        {
            return [];
        }

        if (node is not ConfigList list)
        {
            Error(key, $"{FullName(key)} expected a list, found {node.Kind}", $"begin each entry with '- {key.Keys[0].Name}: '");
            return [];
        }

        var sections = new List<ConfigSection>();
        foreach (var (index, item) in list.Items.Index())
        {
            var path = $"{FullName(key)}[{index}]";
            if (item is ConfigMap map)
            {
                sections.Add(new ConfigSection(path, map, key.Keys, Findings, Sources));
            }
            else
            {
                Findings.Error(
                    item.Mark, path, $"{path} expected a mapping, found {item.Kind}",
                    $"write '- {key.Keys[0].Name}: ' and its other keys below");
            }
        }

        return sections;
    }

    private void TellUnknown(ConfigEntry entry)
    {
        if (Findings.IsFull)
        {
            return;
        }

        var shown = entry.Key.Length > 40 ? entry.Key[..40] + "…" : entry.Key;
        var where = Path.Length == 0 ? "the configuration" : Path;
        var fix = NearestName.Of(entry.Key, _keys.Select(k => k.Name)) is { } near
            ? $"did you mean '{near}'?"
            : _keys.Count == 0 ? "leave it out" : $"known here: {string.Join(", ", _keys.Select(k => k.Name))}";
        Findings.Error(entry.KeyMark, Path.Length == 0 ? shown : $"{Path}.{shown}", $"'{shown}' is not a known key of {where}", fix);
    }
}
