using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FjBellows.Providers.Rest;

/// <summary>Takes what was sent out of a text that came back: clouds repeat the values that they refuse, the host's private key among them
/// (invariant S4). Control characters go with it, so that a cloud cannot write lines into a log (invariant S10).</summary>
public static class SentValues
{
    /// <summary>Pieces shorter than this are words that people write; longer ones that were sent are secrets or useless.</summary>
    private const int Shortest = 24;

    /// <summary>Whole values shorter than this are words too, and are left.</summary>
    private const int ShortestWhole = 8;

    private const string Mark = "***";

    /// <summary>The text without pieces of what was sent, and without control characters.</summary>
    /// <param name="text">What came back.</param>
    /// <param name="sent">What was sent: bodies as they went out, and tokens.</param>
    public static string Redact(string text, IEnumerable<string> sent)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(sent);
        var forms = sent.Where(s => s.Length > 0).SelectMany(Forms).Distinct(StringComparer.Ordinal).ToList();

        // All forms at once: one form's piece, taken out first, would cut another form's piece into rests too short to be recognized.
        text = WithoutPieces(text, [.. forms.Where(f => f.Length >= Shortest)]);
        foreach (var form in forms.Where(f => f.Length is >= ShortestWhole and < Shortest))
        {
            text = text.Replace(form, Mark, StringComparison.Ordinal);
        }

        return string.Concat(
            text.Select(c => char.IsControl(c) || c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') ? ' ' : c));
    }

    /// <summary>A value as it went out, and, where it is JSON, each text in it as it was before it was escaped, decoded from base64, and in
    /// the ways in which a cloud may write it: escaped, encoded in base64, its lines joined by spaces.</summary>
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
            foreach (var written in Writings(text))
            {
                yield return written;
            }

            var bytes = new byte[text.Length];
            if (Convert.TryFromBase64String(text, bytes, out var length))
            {
                foreach (var written in Writings(Encoding.UTF8.GetString(bytes, 0, length)))
                {
                    yield return written;
                }
            }
        }
    }

    private static IEnumerable<string> Writings(string text)
    {
        var lines = text.ReplaceLineEndings("\n");
        return
        [
            text,
            lines,
            lines.Replace("\n", "\r\n", StringComparison.Ordinal),
            lines.Replace('\n', ' '),
            JavaScriptEncoder.Default.Encode(text),
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text),
            Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
        ];
    }

    private static IEnumerable<string> Texts(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => [element.GetString()!],
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Texts(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Texts),
        _ => [],
    };

    private static string WithoutPieces(string text, IReadOnlyList<string> forms)
    {
        var kept = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            var length = forms.Count == 0 || text.Length - at < Shortest ? 0 : forms.Max(form => LongestPiece(text, at, form));
            if (length == 0)
            {
                kept.Append(text[at++]);
                continue;
            }

            kept.Append(Mark);
            at += length;
        }

        return kept.ToString();
    }

    /// <summary>How many characters of a text, from a position on, stand in a form too; 0 when they are too few.</summary>
    private static int LongestPiece(string text, int at, string form)
    {
        var longest = 0;
        for (var found = form.IndexOf(text.Substring(at, Shortest), StringComparison.Ordinal);
            found >= 0;
            found = at + longest < text.Length ? form.IndexOf(text.Substring(at, longest + 1), found, StringComparison.Ordinal) : -1)
        {
            longest = text.AsSpan(at).CommonPrefixLength(form.AsSpan(found));
        }

        return longest;
    }
}
