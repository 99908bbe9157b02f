using System.Text;
using System.Text.Json;

namespace FjBellows.Providers.Rest;

/// <summary>Takes what was sent out of a text that came back: clouds repeat the values that they refuse, the host's private key among them
/// (invariant S4). Control characters go with it, so that a cloud cannot write lines into a log (invariant S10).</summary>
public static class SentValues
{
    /// <summary>Pieces shorter than this are words that people write; longer ones that were sent are secrets or useless.</summary>
    private const int Shortest = 24;

    private const string Mark = "***";

    /// <summary>The text without pieces of what was sent, and without control characters.</summary>
    /// <param name="text">What came back.</param>
    /// <param name="sent">What was sent: bodies as they went out, and tokens.</param>
    public static string Redact(string text, IEnumerable<string> sent)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(sent);
        foreach (var form in sent.Where(s => s.Length > 0).SelectMany(Forms).Distinct(StringComparer.Ordinal))
        {
            text = form.Length < Shortest ? text.Replace(form, form.Length < 8 ? form : Mark, StringComparison.Ordinal) : WithoutPieces(text, form);
        }

        return string.Concat(text.Select(c => char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') ? ' ' : c));
    }

    /// <summary>A value as it went out, and, where it is JSON, each text in it as it was before it was escaped, and decoded from base64.</summary>
    private static IEnumerable<string> Forms(string sent)
    {
        yield return sent;
        if (sent[0] != '{')
        {
            yield break;
        }

        using var json = JsonDocument.Parse(sent);
        foreach (var text in Texts(json.RootElement).Where(t => t.Length >= Shortest).ToList())
        {
            yield return text;
            var bytes = new byte[text.Length];
            if (Convert.TryFromBase64String(text, bytes, out var length))
            {
                yield return Encoding.UTF8.GetString(bytes, 0, length);
            }
        }
    }

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Texts(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        _ => [],
    };

    private static string WithoutPieces(string text, string sent)
    {
        var kept = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(Shortest, text.Length - at);
            if (length < Shortest || sent.IndexOf(text.Substring(at, length), StringComparison.Ordinal) < 0)
            {
                kept.Append(text[at++]);
                continue;
            }

            while (at + length < text.Length && sent.Contains(text.Substring(at, length + 1), StringComparison.Ordinal))
            {
                length++;
            }

            kept.Append(Mark);
            at += length;
        }

        return kept.ToString();
    }
}
