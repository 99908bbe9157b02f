using Akka.Actor.Setup;
using Akka.Persistence;

namespace FjBellows.Sandbox.Virtual;

/// <summary>What journals and snapshot stores keep; outlives the actor system, as a disk outlives a process. Its hooks make it fail.</summary>
public sealed class VirtualStore
{
    private readonly Dictionary<string, Log> _logs = new(StringComparer.Ordinal);

    /// <summary>Asked before an event is written: an exception is the journal's failure.</summary>
    public Func<string, object, Exception?>? OnWrite { get; set; }

    /// <summary>Told after an event was written.</summary>
    public Action<string, object>? Written { get; set; }

    /// <summary>Events written so far.</summary>
    public long Writes { get; private set; }

    /// <summary>Ids that hold events or snapshots.</summary>
    public IEnumerable<string> Ids => _logs.Where(l => l.Value.Events.Count > 0 || l.Value.Snapshots.Count > 0).Select(l => l.Key);

    /// <summary>Events kept, of all ids.</summary>
    public int EventCount => _logs.Values.Sum(l => l.Events.Count);

    /// <summary>The events kept of one id, oldest first.</summary>
    /// <param name="id">The persistence id.</param>
    public IReadOnlyList<object> Events(string id) => _logs.TryGetValue(id, out var log) ? [.. log.Events.Select(e => e.Payload)] : [];

    internal Log LogOf(string id) => _logs.TryGetValue(id, out var log) ? log : _logs[id] = new Log();

    internal Exception? Write(IPersistentRepresentation row)
    {
        if (OnWrite?.Invoke(row.PersistenceId, row.Payload) is { } failure)
        {
            return failure;
        }

        var log = LogOf(row.PersistenceId);
        if (row.SequenceNr <= log.Highest)
        {
            return new InvalidOperationException($"{row.PersistenceId} has an event {row.SequenceNr} already: two writers");
        }

        log.Highest = row.SequenceNr;
        log.Events.Add(row);
        Writes++;
        Written?.Invoke(row.PersistenceId, row.Payload);
        return null;
    }

    internal sealed class Log
    {
        public long Highest { get; set; }

        public List<IPersistentRepresentation> Events { get; } = [];

        public List<SelectedSnapshot> Snapshots { get; } = [];
    }
}

/// <summary>Hands the store to the plugins of an actor system.</summary>
/// <param name="store">The store.</param>
internal sealed class VirtualStoreSetup(VirtualStore store) : Setup
{
    public VirtualStore Store { get; } = store;
}
