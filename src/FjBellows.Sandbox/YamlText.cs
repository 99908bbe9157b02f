using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace FjBellows.Sandbox;

/// <summary>YAML read as JSON values.</summary>
internal static class YamlText
{
    /// <summary>Reads a text. JSON, which is YAML too, is recognised by its first character and read without the YAML parser: that
    /// parser alone costs a fresh process more than the rest of a short job.</summary>
    /// <exception cref="FormatException">It is neither; the message names line and column.</exception>
    public static JsonNode? Read(string text)
    {
        if (text.AsSpan().TrimStart().StartsWith("{"))
        {
            try
            {
                return JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                // A flow mapping of YAML may be no JSON.
            }
        }

        return ReadYaml(text);
    }

    public static JsonNode? ToJson(YamlNode? node) => node switch
    {
        null => null,
        YamlScalarNode scalar => Scalar(scalar),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(ToJson)]),
        YamlMappingNode map =>
            new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", ToJson(c.Value)))),
        _ => throw new FormatException($"line {node.Start.Line}, column {node.Start.Column}: this kind of YAML node is not understood"),
    };

    private static JsonNode? ReadYaml(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0 ? null : ToJson(stream.Documents[0].RootNode);
        }
        catch (YamlException broken)
        {
            throw new FormatException($"line {broken.Start.Line}, column {broken.Start.Column}: {broken.Message}", broken);
        }
    }

    private static JsonValue? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" => null,
            "true" => JsonValue.Create(true),
            "false" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                && whole.ToString(CultureInfo.InvariantCulture) == text => JsonValue.Create(whole),
            _ => JsonValue.Create(text),
        };
    }
}
