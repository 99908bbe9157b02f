using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace FjBellows.Daemon.Configuration;

/// <summary>Turns the bytes of a YAML file into nodes that know their places. Bounded in size, depth and expansion, so that no file can
/// exhaust the daemon.</summary>
internal sealed class YamlReader
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The most nodes a file may have once its aliases are followed.</summary>
    public const int MaxNodes = 20_000;

    private const int MaxDepth = 32;
    private const string SyntaxFix = "compare indentation, quotes and colons of this line and the one before with config.example.yaml";
    private const string StandardTag = "tag:yaml.org,2002:";

    private readonly Findings _findings;
    private readonly Dictionary<AnchorName, (ConfigNode Node, int Size)> _anchors = [];

    private YamlReader(Findings findings) => _findings = findings;

    /// <summary>Reads a file's content.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="findings">Takes what is wrong.</param>
    /// <returns>The root mapping, null when the file could not be understood as a whole; findings then say why.</returns>
    public static ConfigMap? Read(ReadOnlySpan<byte> content, Findings findings)
    {
        if (content.Length > MaxBytes)
        {
            findings.Error(
                Mark.WholeFile, "", $"the file has {content.Length:N0} bytes; a configuration has at most {MaxBytes:N0}",
                "name the configuration file, not some other file, with -config");
            return null;
        }

        return Decode(content, findings) is { } text ? new YamlReader(findings).ReadText(text) : null;
    }

    private static string? Decode(ReadOnlySpan<byte> content, Findings findings)
    {
        if (content is [0xff, 0xfe, ..] or [0xfe, 0xff, ..])
        {
            findings.Error(new(1, 1), "", "the file is UTF-16", "save it as UTF-8");
            return null;
        }

        if (content is [0xef, 0xbb, 0xbf, ..])
        {
            content = content[3..];
        }

        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content);
            var odd = text.AsSpan().IndexOfAnyInRange('\0', '\b');
            if (odd < 0)
            {
                return text;
            }

            findings.Error(
                PlaceOf(text, odd), "", $"the file is not text: it holds the control character U+{(int)text[odd]:X4}",
                "name a YAML file with -config");
        }
        catch (DecoderFallbackException e)
        {
            findings.Error(
                Mark.WholeFile, "", $"the file is not text: byte {e.Index} is not UTF-8", "name a YAML file with -config, saved as UTF-8");
        }

        return null;
    }

    private static Mark PlaceOf(string text, int index)
    {
        var before = text.AsSpan(0, index);
        return new Mark(before.Count('\n') + 1, index - before.LastIndexOf('\n'));
    }

    private ConfigMap? ReadText(string text)
    {
        var parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        try
        {
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                _findings.Error(Mark.WholeFile, "", "the file is empty", "start from config.example.yaml");
                return null;
            }

            parser.Consume<DocumentStart>();
            var (root, size) = ReadNode(parser, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.Accept<StreamEnd>(out _))
            {
                _findings.Error(
                    At(parser.Current!.Start), "", "a second YAML document begins here",
                    "keep one document in the file; several pools go under 'pools:'");
            }

            return Root(root, size);
        }
        catch (YamlException e) when (TabAt(e, text) is { } tab)
        {
            _findings.Error(tab, "", "the line is indented with a tab, which YAML does not allow", "indent with spaces");
        }
        catch (YamlException e)
        {
            _findings.Error(
                At(e.Start), "", $"not valid YAML: {char.ToLowerInvariant(e.Message[0])}{e.Message[1..].TrimEnd('.')}", SyntaxFix);
        }
        catch (TooMuchException e)
        {
            _findings.Error(e.Mark, "", e.Message, "write the file without nesting and aliases of that size");
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet's scanner gives up this way on some broken input; the last good event is the nearest place known.
            _findings.Error(At(parser.Current?.End ?? YamlDotNet.Core.Mark.Empty), "", "not valid YAML from here on", SyntaxFix);
        }

        return null;
    }

    private ConfigMap? Root(ConfigNode root, int size)
    {
        if (size > MaxNodes)
        {
            throw new TooMuchException(root.Mark, $"its aliases expand to more than {MaxNodes:N0} values");
        }

        switch (root)
        {
            case ConfigMap map:
                return map;
            case ConfigScalar { IsNull: true }:
                _findings.Error(Mark.WholeFile, "", "the file is empty", "start from config.example.yaml");
                return null;
            default:
                _findings.Error(
                    root.Mark, "", $"the file contains {root.Kind} instead of a mapping",
                    "begin with keys such as 'forgejo:', as config.example.yaml does");
                return null;
        }
    }

    private (ConfigNode Node, int Size) ReadNode(IParser parser, int depth)
    {
        var start = parser.Current!;
        if (depth > MaxDepth)
        {
            throw new TooMuchException(At(start.Start), $"values are nested more than {MaxDepth} levels deep");
        }

        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return _anchors.TryGetValue(alias.Value, out var known)
                ? known
                : throw new YamlException(
                    alias.Start, alias.End, $"the alias *{alias.Value} refers to an anchor that is not defined before it");
        }

        var node = (NodeEvent)start;
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && !node.Tag.Value.StartsWith(StandardTag, StringComparison.Ordinal))
        {
            _findings.Error(At(node.Start), "", $"the YAML tag '{node.Tag}' is not supported", "leave the tag out");
        }

        var read = start switch
        {
            Scalar => ReadScalar(parser),
            SequenceStart => ReadList(parser, depth),
            _ => ReadMap(parser, depth),
        };
        if (read.Size > MaxNodes)
        {
            throw new TooMuchException(read.Node.Mark, $"its aliases expand to more than {MaxNodes:N0} values");
        }

        if (!node.Anchor.IsEmpty)
        {
            _anchors[node.Anchor] = read;
        }

        return read;
    }

    private static (ConfigNode Node, int Size) ReadScalar(IParser parser)
    {
        var scalar = parser.Consume<Scalar>();
        return (new ConfigScalar(At(scalar.Start), scalar.Value, scalar.Style == ScalarStyle.Plain), 1);
    }

    private (ConfigNode Node, int Size) ReadList(IParser parser, int depth)
    {
        var start = parser.Consume<SequenceStart>();
        var items = new List<ConfigNode>();
        var size = 1;
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            var (item, itemSize) = ReadNode(parser, depth + 1);
            items.Add(item);
            size = Grown(size, itemSize, start.Start);
        }

        return (new ConfigList(At(start.Start), items), size);
    }

    private (ConfigNode Node, int Size) ReadMap(IParser parser, int depth)
    {
        var start = parser.Consume<MappingStart>();
        var entries = new Dictionary<string, ConfigEntry>(StringComparer.Ordinal);
        var merged = new List<ConfigEntry>();
        var size = 1;
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var (key, _) = ReadNode(parser, depth + 1);
            var (value, valueSize) = ReadNode(parser, depth + 1);
            size = Grown(size, valueSize + 1, start.Start);
            if (_findings.IsFull)
            {
                throw new TooMuchException(At(start.Start), "too much is wrong with this group of keys");
            }

            if (key is not ConfigScalar { IsNull: false } name)
            {
                _findings.Error(key.Mark, "", $"expected a key, found {key.Kind}", "keys are single words followed by ': '");
            }
            else if (name is { IsPlain: true, Text: "<<" })
            {
                merged.AddRange(Merged(value));
            }
            else if (entries.TryGetValue(name.Text, out var first))
            {
                _findings.Error(
                    name.Mark, name.Text, $"the key '{Shown(name.Text)}' is repeated; the first is on line {first.KeyMark.Line}",
                    "keep one of them");
            }
            else
            {
                entries.Add(name.Text, new ConfigEntry(name.Text, name.Mark, value));
            }
        }

        foreach (var entry in merged)
        {
            entries.TryAdd(entry.Key, entry);
        }

        return (new ConfigMap(At(start.Start), [.. entries.Values]), size);
    }

    /// <summary>Counted as it grows: a group that is merged a thousand times would fill the memory before its end is read.</summary>
    private static int Grown(int size, int more, YamlDotNet.Core.Mark mark) =>
        size + more <= MaxNodes
            ? size + more
            : throw new TooMuchException(At(mark), $"its values and aliases expand to more than {MaxNodes:N0} values");

    private IReadOnlyList<ConfigEntry> Merged(ConfigNode value)
    {
        switch (value)
        {
            case ConfigMap map:
                return map.Entries;
            case ConfigList list when list.Items.All(i => i is ConfigMap):
                return [.. list.Items.Cast<ConfigMap>().SelectMany(m => m.Entries)];
            default:
                _findings.Error(
                    value.Mark, "<<", $"'<<' expected a mapping, found {value.Kind}",
                    "write '<<: *anchor' with the anchor on a group of keys");
                return [];
        }
    }

    private static Mark At(YamlDotNet.Core.Mark mark) => new((int)mark.Line, (int)mark.Column);

    private static string Shown(string text) => text.Length > 40 ? text[..40] + "…" : text;

    private static Mark? TabAt(YamlException e, string text)
    {
        // The library reports the start of what it was reading, which may be the line before.
        foreach (var (index, line) in text.Split('\n').Index().Skip((int)e.Start.Line - 1)
            .Take(Math.Max(2, (int)(e.End.Line - e.Start.Line + 1))))
        {
            var tab = line.AsSpan(0, line.Length - line.AsSpan().TrimStart(" \t").Length).IndexOf('\t');
            if (tab >= 0)
            {
                return new Mark(index + 1, tab + 1);
            }
        }

        return null;
    }

    private sealed class TooMuchException(Mark mark, string message) : Exception(message)
    {
        public Mark Mark { get; } = mark;
    }
}
