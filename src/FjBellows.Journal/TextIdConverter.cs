using System.Text.Json;
using System.Text.Json.Serialization;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Journal;

/// <summary>Writes an id as the plain string it stands for, also where it is a key.</summary>
internal abstract class TextIdConverter<T>(Func<string, T> wrap, Func<T, string> unwrap) : JsonConverter<T>
    where T : struct
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        wrap(reader.GetString() ?? throw new JsonException($"{typeof(T).Name} is null"));

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WriteStringValue(StorableText.Of(unwrap(value)));

    public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        wrap(reader.GetString()!);

    public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        writer.WritePropertyName(StorableText.Of(unwrap(value)));
}

internal sealed class InstanceIdConverter() : TextIdConverter<InstanceId>(v => new InstanceId(v), id => id.Value);

internal sealed class DispatchIdConverter() : TextIdConverter<DispatchId>(v => new DispatchId(v), id => id.Value);

internal sealed class JobKeyConverter() : TextIdConverter<JobKey>(v => new JobKey(v), key => key.Value);
