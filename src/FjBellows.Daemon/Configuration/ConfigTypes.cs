using System.Globalization;
using System.Text.Json.Nodes;

namespace FjBellows.Daemon.Configuration;

/// <summary>The kinds of values there are.</summary>
internal static class ConfigTypes
{
    /// <summary>Any text.</summary>
    public static ConfigType<string> Text { get; } = new(
        "text", (node, context) => context.Text(node, "a text"), () => new() { ["type"] = new JsonArray("string", "number", "boolean") });

    /// <summary>A secret: written out, as <c>${NAME}</c>, or as <c>file:PATH</c>.</summary>
    public static ConfigType<Secret> Secret { get; } = new("secret", ReadSecret, () => new() { ["type"] = "string" });

    /// <summary>An absolute http or https URL.</summary>
    public static ConfigType<Uri> Url { get; } = new("URL", ReadUrl, () => new() { ["type"] = "string", ["pattern"] = @"^https?://|\$\{" });

    /// <summary>A list of texts.</summary>
    public static ConfigType<IReadOnlyList<PlacedText>> TextList { get; } = new(
        "list of texts", ReadTextList, () => new() { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } });

    /// <summary>A list of names out of a known set, at least one, each once.</summary>
    /// <param name="what">What one of them is.</param>
    /// <param name="known">The names there are.</param>
    public static ConfigType<IReadOnlyList<string>> NameList(string what, IReadOnlyList<string> known) => new(
        $"list of {what}s",
        (node, context) => ReadNameList(node, context, what, known),
        () => new()
        {
            ["type"] = "array",
            ["minItems"] = 1,
            ["uniqueItems"] = true,
            ["items"] = OrReference(new() { ["enum"] = new JsonArray([.. known.Select(n => (JsonNode)n)]) }),
        });

    /// <summary>True or false.</summary>
    public static ConfigType<bool> Boolean { get; } = new("true or false", ReadBoolean, () => OrReference(new() { ["type"] = "boolean" }));

    /// <summary>A duration longer than zero.</summary>
    public static ConfigType<TimeSpan> Duration { get; } = DurationOf("duration", zeroAllowed: false);

    /// <summary>A duration, zero included.</summary>
    public static ConfigType<TimeSpan> DurationOrZero { get; } = DurationOf("duration, 0 allowed", zeroAllowed: true);

    /// <summary>A whole number.</summary>
    /// <param name="least">The least allowed.</param>
    /// <param name="most">The most allowed.</param>
    public static ConfigType<int> Integer(int least, int most) => new(
        "number",
        (node, context) => ReadInteger(node, context, least, most),
        () => OrReference(new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most }));

    /// <summary>One of several words.</summary>
    public static ConfigType<string> Choice(params string[] words) => new(
        string.Join(" or ", words.Select(w => $"`{w}`")),
        (node, context) => ReadChoice(node, context, words),
        () => OrReference(new() { ["enum"] = new JsonArray([.. words.Select(w => (JsonNode)w)]) }));

    private static ConfigType<TimeSpan> DurationOf(string kind, bool zeroAllowed) => new(
        kind,
        (node, context) => ReadDuration(node, context, zeroAllowed),
        () => new()
        {
            ["type"] = zeroAllowed ? new JsonArray("string", "integer") : "string",
            ["pattern"] = @"^\+?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$|\$\{",
        });

    private static JsonObject OrReference(JsonObject schema) => new()
    {
        ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }),
    };

    private static Secret? ReadSecret(ConfigNode node, ValueContext context)
    {
        if (context.Text(node, "a secret") is not { } text)
        {
            return null;
        }

        const string File = "file:";
        if (!text.StartsWith(File, StringComparison.Ordinal))
        {
            if (text.Length > 0)
            {
                return new Secret(text);
            }

            context.Error(node, $"{context.Key} is empty", "write the secret, '${NAME}' for an environment variable, or 'file:PATH'");
            return null;
        }

        if (context.Sources.ReadSecret(text[File.Length..], out var secret) is not { } problem)
        {
            return new Secret(secret);
        }

        context.Error(node, $"{context.Key}: {problem.Message}", problem.Fix);
        return null;
    }

    private static Uri? ReadUrl(ConfigNode node, ValueContext context)
    {
        if (context.Text(node, "a URL") is not { } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.Host.Length == 0)
        {
            context.Error(
                node, $"{context.Key} is not a URL: {Shown(node)}", "write it with its scheme, such as https://forgejo.example.com");
            return null;
        }

        if (url.UserInfo.Length > 0)
        {
            context.Error(node, $"{context.Key} holds a user or password", "leave out the part before '@'; tokens have keys of their own");
            return null;
        }

        if (url.Query.Length == 0 && url.Fragment.Length == 0)
        {
            return url;
        }

        context.Error(node, $"{context.Key} has a query or fragment, but it must be a base URL", "leave out everything from '?' or '#'");
        return null;
    }

    private static IReadOnlyList<PlacedText>? ReadTextList(ConfigNode node, ValueContext context)
    {
        if (node is not ConfigList list)
        {
            context.Error(
                node, $"{context.Key} expected a list, found {node.Kind}",
                $"write '{context.Key.Split('.')[^1]}: [first, second]', or one line '- item' for each");
            return null;
        }

        var texts = list.Items.Select(item => (Text: context.Text(item, "a text"), item.Mark)).ToArray();
        return texts.Any(t => t.Text is null) ? null : [.. texts.Select(t => new PlacedText(t.Text!, t.Mark))];
    }

    private static IReadOnlyList<string>? ReadNameList(ConfigNode node, ValueContext context, string what, IReadOnlyList<string> known)
    {
        if (ReadTextList(node, context) is not { } texts)
        {
            return null;
        }

        if (texts.Count == 0)
        {
            context.Error(
                node, $"{context.Key} is empty, but at least one {what} is needed",
                "name at least one, or leave the key out for its default");
        }

        foreach (var (index, (text, mark)) in texts.Index())
        {
            if (!known.Contains(text, StringComparer.Ordinal))
            {
                var fix = NearestName.Of(text, known) is { } near ? $"did you mean {near}?" : $"known are {string.Join(", ", known)}";
                context.Findings.Error(
                    mark, context.Key, $"{context.Key} is not a known {what}: {Shown(((ConfigList)node).Items[index])}", fix);
            }
            else if (texts.Take(index).Any(t => t.Text == text))
            {
                context.Findings.Error(mark, context.Key, $"{context.Key} names {text} twice", "leave out the second one");
            }
        }

        return [.. texts.Select(t => t.Text)];
    }

    private static bool ReadBoolean(ConfigNode node, ValueContext context)
    {
        switch (context.Text(node, "true or false"))
        {
            case "true" or "True" or "TRUE":
                return true;
            case "false" or "False" or "FALSE" or null:
                return false;
            default:
                context.Error(node, $"{context.Key} is {Shown(node)}; expected true or false", "write true or false, without quotes");
                return false;
        }
    }

    private static int ReadInteger(ConfigNode node, ValueContext context, int least, int most)
    {
        var wanted = most == int.MaxValue ? $"a whole number from {least}" : $"a whole number from {least} to {most}";
        if (context.Text(node, wanted) is not { } text)
        {
            return least;
        }

        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            && value <= most)
        {
            return value;
        }

        context.Error(node, $"{context.Key} is {Shown(node)}; expected {wanted}", $"write {wanted}");
        return least;
    }

    private static TimeSpan ReadDuration(ConfigNode node, ValueContext context, bool zeroAllowed)
    {
        if (context.Text(node, "a duration such as 10s") is not { } text)
        {
            return default;
        }

        if (!GoDuration.TryParse(text, out var value, out var problem))
        {
            var guess = text.Length > 0 && text.All(char.IsAsciiDigit)
                ? $"write {text}s for seconds or {text}m for minutes"
                : "write a number and a unit: 500ms, 10s, 5m, 1h30m";
            context.Error(node, $"{context.Key}: the duration {Shown(node)} {problem}", guess);
        }
        else if (value < TimeSpan.Zero)
        {
            context.Error(node, $"{context.Key} is {Shown(node)}; a duration cannot be negative", "write it without the minus");
        }
        else if (value < TimeSpan.FromMilliseconds(1) && !(zeroAllowed && value == TimeSpan.Zero))
        {
            context.Error(
                node, $"{context.Key} is {Shown(node)}; it must be {(zeroAllowed ? "0 or " : "")}at least 1ms",
                "write a longer duration, or leave the key out for its default");
        }

        return value;
    }

    private static string? ReadChoice(ConfigNode node, ValueContext context, string[] words)
    {
        if (context.Text(node, string.Join(" or ", words)) is not { } text)
        {
            return null;
        }

        if (words.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        var near = NearestName.Of(text, words) is { } word ? $"did you mean {word}?" : $"write {string.Join(" or ", words)}";
        context.Error(node, $"{context.Key} is {Shown(node)}; expected {string.Join(" or ", words)}", near);
        return null;
    }

    // As written, before references are resolved: an environment variable may hold a secret.
    private static string Shown(ConfigNode node) =>
        node is ConfigScalar { Text: var text } ? $"'{(text.Length > 60 ? text[..60] + "…" : text)}'" : node.Kind;
}
