using System.Text.Json;
using System.Text.Json.Serialization;

namespace FjBellows;

/// <summary>A value that must never be seen: a token, a private key, a password. Its text form is <c>***</c> wherever it is printed,
/// logged or serialized; only <see cref="Reveal"/> gives it away.</summary>
[JsonConverter(typeof(MaskingConverter))]
public sealed class Secret : IEquatable<Secret>
{
    private readonly string _value;

    /// <summary>Wraps a value.</summary>
    /// <param name="value">The secret itself; not null.</param>
    public Secret(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>True when there is nothing inside.</summary>
    public bool IsEmpty => _value.Length == 0;

    /// <summary>The value itself. Call it only where the secret leaves for its destination.</summary>
    public string Reveal() => _value;

    /// <summary>Always <c>***</c>.</summary>
    public override string ToString() => "***";

    /// <inheritdoc />
    public bool Equals(Secret? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc />
    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);

    private sealed class MaskingConverter : JsonConverter<Secret>
    {
        public override Secret Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new JsonException("A secret is never read from JSON: it is never written there.");

        public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) => writer.WriteStringValue("***");
    }
}
