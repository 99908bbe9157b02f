using Akka.Persistence;

namespace FjBellows.Sandbox.Virtual;

/// <summary>What journals and snapshot stores keep; outlives the actor system, as a disk outlives a process. Its hooks make it
/// fail.</summary>
public sealed class VirtualStore
{
    private readonly Dictionary<string, Log> _logs = new(StringComparer.Ordinal);

    /// <summary>Asked before an event is written: an exception is the journal's failure.</summary>
    public Func<string, object, Exception?>? OnWrite { get; set; }

    /// <summary>Asked after an event was written: true loses the answer, so that the writer sees a failure.</summary>
    public Func<string, bool>? LosesAnswer { get; set; }

    /// <summary>Asked as an event is written: true confirms it and forgets it, as a program does that never writes it.</summary>
    public Func<object, bool>? Forgets { get; set; }

    /// <summary>Asked before events are read back: an exception is the journal's failure.</summary>
    public Func<string, Exception?>? OnRead { get; set; }

    /// <summary>How long a write takes; half of it before, half after its effect.</summary>
    public TimeSpan WriteTakes { get; set; }

    /// <summary>Called after an event was written.</summary>
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

    /// <summary>A copy of everything kept, as a backup is.</summary>
    public VirtualBackup Backup() => new(_logs.ToDictionary(l => l.Key, l => l.Value.Copy(), StringComparer.Ordinal));

    /// <summary>Puts a backup in the place of everything kept. No program may have it open.</summary>
    /// <param name="backup">The backup; null for a journal that is lost.</param>
    public void Restore(VirtualBackup? backup)
    {
        _logs.Clear();
        foreach (var (id, log) in backup?.Logs ?? [])
        {
            _logs[id] = log.Copy();
        }
    }

    /// <summary>Replaces each kept event and snapshot by what another version of the program would read.</summary>
    /// <param name="reread">Gives what is read of something written.</param>
    public void Reread(Func<object, object> reread)
    {
        ArgumentNullException.ThrowIfNull(reread);
        foreach (var log in _logs.Values)
        {
            for (var i = 0; i < log.Events.Count; i++)
            {
                log.Events[i] = log.Events[i].WithPayload(reread(log.Events[i].Payload));
            }

            for (var i = 0; i < log.Snapshots.Count; i++)
            {
                log.Snapshots[i] = new SelectedSnapshot(log.Snapshots[i].Metadata, reread(log.Snapshots[i].Snapshot));
            }
        }
    }

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

        public Log Copy()
        {
            var copy = new Log { Highest = Highest };
            copy.Events.AddRange(Events);
            copy.Snapshots.AddRange(Snapshots);
            return copy;
        }
    }
}

/// <summary>A copy of a journal as it was at some moment.</summary>
public sealed class VirtualBackup
{
    internal VirtualBackup(Dictionary<string, VirtualStore.Log> logs) => Logs = logs;

    internal Dictionary<string, VirtualStore.Log> Logs { get; }
}

/// <summary>Hands the store to the plugins of an actor system.</summary>
internal sealed class VirtualStoreSetup(VirtualStore store) : Akka.Actor.Setup.Setup
{
    public VirtualStore Store { get; } = store;
}
