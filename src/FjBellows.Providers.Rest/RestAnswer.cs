using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace FjBellows.Providers.Rest;

/// <summary>An answer, read once and whole.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Body">The body as it came.</param>
public sealed record RestAnswer(int Status, ReadOnlyMemory<byte> Body, HttpResponseHeaders Headers)
{
    private const int LongestExcerpt = 200;

    /// <summary>The body as JSON; null where it is not, or not of this shape.</summary>
    /// <typeparam name="T">What it is read as.</typeparam>
    /// <param name="type">How it is read.</param>
    public T? ReadOrNull<T>(JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(Body.Span, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The beginning of the body, for messages.</summary>
    public string Excerpt() =>
        Body.IsEmpty ? "(nothing)" : Cut(Encoding.UTF8.GetString(Body.Span[..Math.Min(Body.Length, 4 * LongestExcerpt)]));

    private static string Cut(string text) => text.Length <= LongestExcerpt ? text : text[..LongestExcerpt] + "…";
}
