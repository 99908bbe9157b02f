using Akka.Actor;
using Akka.Persistence;
using FjBellows.Workers;

namespace FjBellows.Integration.Tests.Journal;

/// <summary>A small persistent actor: writes what it is sent and tells what it knows.</summary>
internal sealed class Scribe : ReceivePersistentActor
{
    private readonly List<object> _known = [];
    private WorkerState? _snapshot;
    private IActorRef _asker = ActorRefs.Nobody;

    public Scribe(string persistenceId, IActorRef watcher)
    {
        PersistenceId = persistenceId;
        Recover<SnapshotOffer>(offer => _snapshot = (WorkerState)offer.Snapshot);
        Recover<RecoveryCompleted>(_ => watcher.Tell(new Recovered()));
        Recover<object>(_known.Add);
        Command<Recall>(_ => Sender.Tell(new Memory([.. _known], _snapshot)));
        Command<WorkerState>(state =>
        {
            _asker = Sender;
            SaveSnapshot(state);
        });
        Command<Forget>(_ =>
        {
            _asker = Sender;
            DeleteMessages(LastSequenceNr);
        });
        Command<SaveSnapshotSuccess>(s => _asker.Tell(s));
        Command<SaveSnapshotFailure>(s => _asker.Tell(s));
        Command<DeleteMessagesSuccess>(s => _asker.Tell(s));
        Command<DeleteMessagesFailure>(s => _asker.Tell(s));
        Command<object>(message =>
        {
            _asker = Sender;
            Persist(message, written =>
            {
                _known.Add(written);
                _asker.Tell(new Written());
            });
        });
        _watcher = watcher;
    }

    private readonly IActorRef _watcher;

    public override string PersistenceId { get; }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        _asker.Tell(new Refused("rejected", cause));

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _asker.Tell(new Refused("failed", cause));

    protected override void OnRecoveryFailure(Exception reason, object? message = null) => _watcher.Tell(new Refused("unreadable", reason));

    internal sealed record Recall;

    internal sealed record Forget;

    internal sealed record Recovered;

    internal sealed record Written;

    internal sealed record Memory(IReadOnlyList<object> Events, WorkerState? Snapshot);

    internal sealed record Refused(string How, Exception Cause);

    internal sealed record Unbound(string Text);
}
