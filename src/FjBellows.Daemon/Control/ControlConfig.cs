using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Providers;

namespace FjBellows.Daemon.Control;

/// <summary>Shows a configuration without its secrets (invariant S4): values as they are written, so that a reference to a variable or a
/// file stays one.</summary>
internal static class ControlConfig
{
    private const string Masked = "***";

    /// <summary>The configuration.</summary>
    /// <param name="root">What it says.</param>
    /// <param name="modules">The providers.</param>
    /// <param name="loadedAt">When it was read.</param>
    public static ConfigInfo Of(string file, ConfigMap root, ProviderModules modules, DateTimeOffset loadedAt) =>
        new(file, loadedAt,
            [.. Entries("", root, root, ConfigKeys.Root, modules, defaults: true)
                .Select(e => new ConfigSetting(e.Name, e.Shown, e.IsDefault))]);

    /// <summary>Every key that a configuration sets, with its value as it is written. Not to be shown.</summary>
    /// <param name="root">What it says.</param>
    /// <param name="modules">The providers.</param>
    public static IReadOnlyDictionary<string, WrittenSetting> Written(ConfigMap root, ProviderModules modules) =>
        Entries("", root, root, ConfigKeys.Root, modules, defaults: false).ToDictionary(e => e.Name, StringComparer.Ordinal);

    private static IEnumerable<WrittenSetting> Entries(
        string prefix, ConfigMap? map, ConfigMap root, IReadOnlyList<ConfigKey> keys, ProviderModules modules, bool defaults)
    {
        foreach (var key in keys)
        {
            var name = prefix + key.Name;
            var node = Find(map, key.Name);
            var entries = key switch
            {
                SectionKey section => Entries($"{name}.", node as ConfigMap, root, section.Keys, modules, defaults),
                SectionListKey list =>
                    Listed(name, node).SelectMany(item => Entries($"{item.Name}.", item.Map, root, list.Keys, modules, defaults: false)),
                NodeKey when key == ConfigKeys.ProviderConfig => Provider(name, map, node, root, modules, defaults),
                NodeKey when key == ConfigKeys.Pools =>
                    Listed(name, node)
                        .SelectMany(item => Entries($"{item.Name}.", item.Map, root, ConfigKeys.Pool.Keys, modules, defaults: false)),
                _ => Entry(name, key, node, defaults),
            };
            foreach (var entry in entries)
            {
                yield return entry;
            }
        }
    }

    private static IEnumerable<WrittenSetting> Provider(
        string name, ConfigMap? map, ConfigNode? node, ConfigMap root, ProviderModules modules, bool defaults)
    {
        var provider = Find(map, ConfigKeys.Provider.Name) ?? Find(root, ConfigKeys.Provider.Name);
        return provider is ConfigScalar { Text: var text } && modules.Find(text) is { } module && (defaults || node is not null)
            ? Entries($"{name}.", node as ConfigMap, root, module.Keys, modules, defaults)
            : [];
    }

    private static IEnumerable<WrittenSetting> Entry(string name, ConfigKey key, ConfigNode? node, bool defaults)
    {
        if (node is not null)
        {
            yield return new WrittenSetting(
                name, Text(node), key.IsPrivate ? Hidden(node) : Text(node), key.ValueKind == ConfigTypes.Secret.Kind, IsDefault: false);
        }
        else if (defaults && key.DefaultText is { } text)
        {
            yield return new WrittenSetting(name, text, text.Replace("`", "", StringComparison.Ordinal), IsSecret: false, IsDefault: true);
        }
    }

    /// <summary>A group of groups, or a list of groups that may have names.</summary>
    private static IEnumerable<(string Name, ConfigMap Map)> Listed(string name, ConfigNode? node) => node switch
    {
        ConfigMap map => map.Entries.Where(e => e.Value is ConfigMap).Select(e => ($"{name}.{e.Key}", (ConfigMap)e.Value)),
        ConfigList list =>
            list.Items.OfType<ConfigMap>()
                .Select((item, i) => ($"{name}.{(Find(item, ConfigKeys.Pool.Name.Name) as ConfigScalar)?.Text ?? $"{i}"}", item)),
        _ => [],
    };

    private static string Hidden(ConfigNode node) => node is ConfigScalar { Text: var text } && IsReference(text) ? text : Masked;

    private static bool IsReference(string text) =>
        text.StartsWith("file:", StringComparison.Ordinal)
        || (text.StartsWith("${", StringComparison.Ordinal) && text.IndexOf('}', StringComparison.Ordinal) == text.Length - 1);

    private static string Text(ConfigNode node) => node switch
    {
        ConfigScalar scalar => scalar.Text,
        ConfigList list => $"[{string.Join(", ", list.Items.Select(Text))}]",
        ConfigMap map => $"{{{string.Join(", ", map.Entries.Select(e => $"{e.Key}: {Text(e.Value)}"))}}}",
        _ => "",
    };

    private static ConfigNode? Find(ConfigMap? map, string key) => map?.Find(key)?.Value;
}

/// <summary>One key of a configuration.</summary>
/// <param name="Name">Its whole name.</param>
/// <param name="Value">Its value as it is written.</param>
/// <param name="Shown">What may be shown of it.</param>
/// <param name="IsSecret">True for a secret.</param>
/// <param name="IsDefault">True when the file does not say it.</param>
internal sealed record WrittenSetting(string Name, string Value, string Shown, bool IsSecret, bool IsDefault);
