using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FjBellows.Daemon.Configuration;

namespace FjBellows.Daemon.Providers;

/// <summary>The kinds of values that only the Docker provider's keys take.</summary>
internal static partial class DockerValues
{
    /// <summary>An engine's address.</summary>
    public static ConfigType<Uri> Host { get; } = new("engine address", ReadHost, () => Text(@"^(unix:///|tcp://)|\$\{"));

    /// <summary>An amount of memory, read as bytes.</summary>
    public static ConfigType<long> Memory { get; } = new(
        "amount of memory", ReadMemory,
        () => new()
        {
            ["type"] = new JsonArray("string", "integer"),
            ["pattern"] = @"^[0-9]+(\.[0-9]+)? ?([bkmgBKMG]([iI]?[bB])?)?$|\$\{",
        });

    /// <summary>A number of CPUs, read as thousandths.</summary>
    public static ConfigType<int> Cpus { get; } = new(
        "number of CPUs", ReadCpus, () => new() { ["type"] = new JsonArray("number", "string") });

    /// <summary>Texts by name.</summary>
    public static ConfigType<IReadOnlyDictionary<string, string>> Texts { get; } = new(
        "group of texts", ReadTexts,
        () => new()
        {
            ["type"] = "object",
            ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") },
        });

    private static JsonObject Text(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static Uri? ReadHost(ConfigNode node, ValueContext context)
    {
        if (context.Text(node, "an engine's address") is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var host)
            && ((host.Scheme == "unix" && host.Host.Length == 0 && host.AbsolutePath.Length > 1)
            || (host is { Scheme: "tcp", Host.Length: > 0, Port: > 0 } && host.UserInfo.Length == 0)))
        {
            return host;
        }

        context.Error(
            node, $"{context.Key} is not an engine's address",
            "write unix:///run/docker.sock for a socket, or tcp://NAME:2376 with tls_directory");
        return null;
    }

    private static long ReadMemory(ConfigNode node, ValueContext context)
    {
        const string Fix = "write a number and a unit: 512m, 2g";
        if (context.Text(node, "an amount of memory such as 2g") is not { } text)
        {
            return 0;
        }

        if (MemoryForm().Match(text.Trim()) is not { Success: true } match
            || !decimal.TryParse(match.Groups[1].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            || number > 1_000_000_000_000_000)
        {
            context.Error(node, $"{context.Key} is not an amount of memory", Fix);
            return 0;
        }

        var bytes = number * match.Groups[2].Value.ToUpperInvariant() switch { "K" => 1L << 10, "M" => 1L << 20, "G" => 1L << 30, _ => 1L };
        if (bytes is >= 6 * 1024 * 1024 and <= long.MaxValue)
        {
            return (long)bytes;
        }

        context.Error(node, $"{context.Key} is less than 6m, the least an engine gives a container, or more than there can be", Fix);
        return 0;
    }

    private static int ReadCpus(ConfigNode node, ValueContext context)
    {
        if (context.Text(node, "a number of CPUs such as 1.5") is not { } text)
        {
            return 0;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cpus)
            && cpus is >= 0.01m and <= 10_000)
        {
            return (int)(cpus * 1000);
        }

        context.Error(node, $"{context.Key} is not a number of CPUs from 0.01", "write such as 2 or 1.5");
        return 0;
    }

    private static Dictionary<string, string>? ReadTexts(ConfigNode node, ValueContext context)
    {
        if (node is not ConfigMap map)
        {
            context.Error(
                node, $"{context.Key} expected a mapping of texts, found {node.Kind}",
                "write each name with its value on a line of its own: NAME: value");
            return null;
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.Entries)
        {
            if (entry.Key.Length == 0 || entry.Key.Contains('=') || entry.Key.Any(char.IsControl))
            {
                context.Findings.Error(
                    entry.KeyMark, context.Key, $"'{entry.Key}' cannot be a name in {context.Key}", "leave out '=' and control characters");
            }
            else if ((context with { Key = $"{context.Key}.{entry.Key}" }).Text(entry.Value, "a text") is { } text)
            {
                texts[entry.Key] = text;
            }
        }

        return texts;
    }

    [GeneratedRegex(@"^([0-9]+(?:\.[0-9]+)?) ?(?:([bkmgBKMG])(?:[iI]?[bB])?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex MemoryForm();
}
