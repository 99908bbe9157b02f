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
        Receive<WriteMessages>(m => Later(store, () => Write(store, m)));
        Receive<Due>(m => m.Work());
        Receive<ReplayMessages>(m =>
        {
            if (store.OnRead?.Invoke(m.PersistenceId) is { } unreadable)
            {
                m.PersistentActor.Tell(new ReplayMessagesFailure(unreadable));
                return;
            }

            var log = store.LogOf(m.PersistenceId);
            foreach (var row in log.Events.Where(e => e.SequenceNr >= m.FromSequenceNr && e.SequenceNr <= m.ToSequenceNr)
                .Take((int)Math.Min(int.MaxValue, m.Max)))
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

    private static void Later(VirtualStore store, Action work)
    {
        if (store.WriteTakes <= TimeSpan.Zero)
        {
            work();
        }
        else
        {
            Context.System.Scheduler.ScheduleTellOnce(store.WriteTakes / 2, Context.Self, new Due(work), Context.Sender);
        }
    }

    private sealed record Due(Action Work);

    private static void Write(VirtualStore store, WriteMessages m)
    {
        var all = m.Messages.ToArray();
        var rows = all.OfType<AtomicWrite>().SelectMany(a => (IEnumerable<IPersistentRepresentation>)a.Payload).ToArray();
        // One transaction: all of a batch or nothing.
        var failed = rows.Select(store.Refusal).FirstOrDefault(refusal => refusal is not null);
        if (failed is null)
        {
            Array.ForEach(rows, store.Keep);
        }

        if (failed is null && rows.Length > 0 && store.LosesAnswer?.Invoke(rows[0].PersistenceId) == true)
        {
            failed = new IOException("the connection to the journal broke before it answered");
        }

        Later(store, () => Answer(m, all, failed));
    }

    private static void Answer(WriteMessages m, IPersistentEnvelope[] all, Exception? failed)
    {
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
