using System.Collections.Frozen;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;

namespace FjBellows.Journal;

/// <summary>Writes and reads what workers and pools persist, as JSON under the frozen names of <see cref="JournalManifests"/>. No CLR type
/// name enters the journal.</summary>
/// <param name="system">The actor system.</param>
public sealed class BellowsSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The number under which Akka finds this serializer again; frozen like the manifests.</summary>
    public const int SerializerId = 7160;

    private static readonly FrozenDictionary<Type, string> ManifestOf =
        JournalManifests.Persisted.ToFrozenDictionary(entry => entry.Value.Type, entry => entry.Key);

    /// <inheritdoc />
    public override int Identifier => SerializerId;

    /// <summary>The types it takes.</summary>
    internal static IEnumerable<Type> Types => ManifestOf.Keys;

    /// <summary>The frozen name of an object's type.</summary>
    /// <param name="o">An event or snapshot.</param>
    /// <exception cref="SerializationException">The type has none.</exception>
    public override string Manifest(object o)
    {
        ArgumentNullException.ThrowIfNull(o);
        return ManifestOf.TryGetValue(o.GetType(), out var manifest)
            ? manifest
            : throw new SerializationException(
                $"{o.GetType()} has no manifest: add it to the journal's table of manifests before persisting it");
    }

    /// <inheritdoc />
    public override byte[] ToBinary(object obj) => JsonSerializer.SerializeToUtf8Bytes(obj, JournalManifests.Persisted[Manifest(obj)]);

    /// <summary>Reads an event or snapshot.</summary>
    /// <param name="bytes">Its JSON.</param>
    /// <param name="manifest">Its frozen name.</param>
    /// <exception cref="SerializationException">The name is not known to this version, or the JSON does not fit it.</exception>
    public override object FromBinary(byte[] bytes, string manifest)
    {
        if (!JournalManifests.Persisted.TryGetValue(manifest, out var type))
        {
            throw new SerializationException(
                $"the journal holds '{manifest}', which this version does not know: it was written by a newer fj-bellows; " +
                "run that version again, or give this one a state directory or database of its own");
        }

        try
        {
            return Read(bytes, type) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SerializationException($"the journal holds a '{manifest}' that cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a record outside of an actor system.</summary>
    /// <param name="manifest">Its frozen name.</param>
    /// <param name="bytes">Its JSON.</param>
    /// <returns>Null where the name is not known to this version.</returns>
    /// <exception cref="JsonException">The JSON does not fit the name.</exception>
    internal static object? Read(string manifest, byte[] bytes) =>
        JournalManifests.Persisted.TryGetValue(manifest, out var type) ? Read(bytes, type) : null;

    /// <summary>Generated readers give a property that is missing its type's default, not the one its record declares; a blank supplies
    /// that.</summary>
    private static object? Read(byte[] bytes, JsonTypeInfo type)
    {
        if (!JournalManifests.Blanks.TryGetValue(type.Type, out var blank))
        {
            return JsonSerializer.Deserialize(bytes, type);
        }

        var whole = JsonSerializer.SerializeToNode(blank, type)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(bytes)?.AsObject() ?? throw new JsonException("it is null"))
        {
            whole[name] = value?.DeepClone();
        }

        return whole.Deserialize(type);
    }
}
