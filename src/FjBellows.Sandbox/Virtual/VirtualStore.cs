using Akka.Actor.Setup;
using Akka.Persistence;

namespace FjBellows.Sandbox.Virtual;

/// <summary>What journals and snapshot stores keep; outlives the actor system, as a disk outlives a process. Its hooks make it fail.</summary>
public sealed class VirtualStore
{
    private readonly Dictionary<string, Log> _logs = new(StringComparer.Ordinal);

    /// <summary>Asked before an event is written: an exception is the journal's failure.</summary>
    public Func<string, object, Exception?>? OnWrite { get; set; }

    /// <summary>Asked after an event was written: true loses the answer, so that the writer is told of a failure.</summary>
    public Func<string, bool>? LosesAnswer { get; set; }

    /// <summary>Asked as an event is written: true confirms it and forgets it, as a program does that never writes it.</summary>
    public Func<object, bool>? Forgets { get; set; }

    /// <summary>Asked before events are read back: an exception is the journal's failure.</summary>
    public Func<string, Exception?>? OnRead { get; set; }

    /// <summary>How long a write takes; half of it before, half after its effect.</summary>
    public TimeSpan WriteTakes { get; set; }

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

    internal Exception? Refusal(IPersistentRepresentation row) =>
        OnWrite?.Invoke(row.PersistenceId, row.Payload) is { } failure ? failure
        : row.SequenceNr <= LogOf(row.PersistenceId).Highest
            ? new InvalidOperationException($"{row.PersistenceId} has an event {row.SequenceNr} already: two writers")
            : null;

    internal void Keep(IPersistentRepresentation row)
    {
        var log = LogOf(row.PersistenceId);
        log.Highest = row.SequenceNr;
        if (Forgets?.Invoke(row.Payload) != true)
        {
            log.Events.Add(row);
        }

        Writes++;
        Written?.Invoke(row.PersistenceId, row.Payload);
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
