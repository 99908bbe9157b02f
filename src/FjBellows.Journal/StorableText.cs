using System.Text.Json;
using System.Text.Json.Serialization;

namespace FjBellows.Journal;

/// <summary>Text as every database takes it. PostgreSQL refuses NUL in text and jsonb, and no database takes half of a surrogate pair; both
/// become U+FFFD, so that no text from outside makes a record unstorable.</summary>
internal static class StorableText
{
    private const char Replacement = '\uFFFD';

    public static string Of(string text)
    {
        var at = FirstBad(text, 0);
        if (at < 0)
        {
            return text;
        }

        return string.Create(text.Length, text, static (chars, whole) =>
        {
            whole.CopyTo(chars);
            for (var i = FirstBad(whole, 0); i >= 0; i = FirstBad(whole, i + 1))
            {
                chars[i] = Replacement;
            }
        });
    }

    private static int FirstBad(string text, int from)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '\0' || char.IsLowSurrogate(text[i]))
            {
                return i;
            }

            if (char.IsHighSurrogate(text[i]))
            {
                if (i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]))
                {
                    return i;
                }

                i++;
            }
        }

        return -1;
    }
}

/// <summary>Writes every text of a kept record as <see cref="StorableText"/>.</summary>
internal sealed class StorableTextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(StorableText.Of(value));

    public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetString()!;

    public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WritePropertyName(StorableText.Of(value));
}
