using System.Text.Json;
using FjBellows.Journal;

namespace FjBellows.Simulation.Tests;

/// <summary>What is read back of a record that was written: the objects of a virtual journal go through the bytes of the real
/// one.</summary>
internal static class WrittenForm
{
    /// <summary>Writes and reads a record.</summary>
    /// <param name="record">An event or a snapshot.</param>
    /// <exception cref="InvalidOperationException">The journal has no name for it.</exception>
    public static object Reread(object record)
    {
        var info = JournalManifests.Persisted.Values.FirstOrDefault(i => i.Type == record.GetType())
            ?? throw new InvalidOperationException($"the journal has no manifest for {record.GetType()}");
        return JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(record, info), info)!;
    }
}
