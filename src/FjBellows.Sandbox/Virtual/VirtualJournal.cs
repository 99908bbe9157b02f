using Akka.Actor;
using Akka.Persistence;

namespace FjBellows.Sandbox.Virtual;

/// <summary>A journal that answers in its own turn: no task, no thread, so that virtual time stays in order.</summary>
public sealed class VirtualJournal : ReceiveActor
{
    /// <summary>Made by the persistence extension.</summary>
    public VirtualJournal()
    {
        var store = Store(Context.System);
        Receive<WriteMessages>(m => Write(store, m));
        Receive<ReplayMessages>(m =>
        {
            var log = store.LogOf(m.PersistenceId);
            foreach (var row in log.Events.Where(e => e.SequenceNr >= m.FromSequenceNr && e.SequenceNr <= m.ToSequenceNr).Take((int)Math.Min(int.MaxValue, m.Max)))
            {
                m.PersistentActor.Tell(new ReplayedMessage(row), ActorRefs.NoSender);
            }

            m.PersistentActor.Tell(new RecoverySuccess(log.Highest));
        });
        Receive<DeleteMessagesTo>(m =>
        {
            store.LogOf(m.PersistenceId).Events.RemoveAll(e => e.SequenceNr <= m.ToSequenceNr);
            m.PersistentActor.Tell(new DeleteMessagesSuccess(m.ToSequenceNr));
        });
    }

    internal static VirtualStore Store(ActorSystem system) =>
        system.Settings.Setup.Get<VirtualStoreSetup>() is { HasValue: true } setup
            ? setup.Value.Store
            : throw new InvalidOperationException("the virtual journal belongs to a system made by VirtualSystem");

    private static void Write(VirtualStore store, WriteMessages m)
    {
        Exception? failed = null;
        var written = new List<IPersistentRepresentation>();
        var all = m.Messages.ToArray();
        foreach (var row in all.OfType<AtomicWrite>().SelectMany(a => (IEnumerable<IPersistentRepresentation>)a.Payload))
        {
            failed ??= store.Write(row);
            if (failed is null)
            {
                written.Add(row);
            }
        }

        if (failed is not null)
        {
            m.PersistentActor.Tell(new WriteMessagesFailed(failed, all.Length));
        }
        else
        {
            m.PersistentActor.Tell(WriteMessagesSuccessful.Instance);
        }

        foreach (var envelope in all)
        {
            if (envelope is not AtomicWrite atomic)
            {
                m.PersistentActor.Tell(new LoopMessageSuccess(envelope.Payload, m.ActorInstanceId), envelope.Sender);
                continue;
            }

            foreach (var row in (IEnumerable<IPersistentRepresentation>)atomic.Payload)
            {
                object answer = failed is null
                    ? new WriteMessageSuccess(row, m.ActorInstanceId)
                    : new WriteMessageFailure(row, failed, m.ActorInstanceId);
                m.PersistentActor.Tell(answer, row.Sender);
            }
        }
    }
}

/// <summary>The snapshots beside <see cref="VirtualJournal"/>.</summary>
public sealed class VirtualSnapshotStore : ReceiveActor
{
    /// <summary>Made by the persistence extension.</summary>
    public VirtualSnapshotStore()
    {
        var store = VirtualJournal.Store(Context.System);
        Receive<LoadSnapshot>(m =>
        {
            var found = store.LogOf(m.PersistenceId).Snapshots
                .LastOrDefault(s => s.Metadata.SequenceNr <= m.ToSequenceNr && s.Metadata.SequenceNr <= m.Criteria.MaxSequenceNr);
            Sender.Tell(new LoadSnapshotResult(found, m.ToSequenceNr));
        });
        Receive<SaveSnapshot>(m =>
        {
            var snapshots = store.LogOf(m.Metadata.PersistenceId).Snapshots;
            snapshots.RemoveAll(s => s.Metadata.SequenceNr == m.Metadata.SequenceNr);
            snapshots.Add(new SelectedSnapshot(m.Metadata, m.Snapshot));
            Sender.Tell(new SaveSnapshotSuccess(m.Metadata));
        });
        Receive<DeleteSnapshots>(m =>
        {
            store.LogOf(m.PersistenceId).Snapshots.RemoveAll(s => s.Metadata.SequenceNr <= m.Criteria.MaxSequenceNr);
            Sender.Tell(new DeleteSnapshotsSuccess(m.Criteria));
        });
        Receive<DeleteSnapshot>(m =>
        {
            store.LogOf(m.Metadata.PersistenceId).Snapshots.RemoveAll(s => s.Metadata.SequenceNr == m.Metadata.SequenceNr);
            Sender.Tell(new DeleteSnapshotSuccess(m.Metadata));
        });
    }
}
