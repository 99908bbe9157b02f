using Akka.Actor;
using Akka.Persistence;

namespace FjBellows.Benchmarks.Journal;

/// <summary>A persistent actor that writes what it is sent, a list in one go, and answers when it is written.</summary>
internal sealed class Writer : ReceivePersistentActor
{
    public Writer(string persistenceId)
    {
        PersistenceId = persistenceId;
        Command<IReadOnlyList<object>>(events =>
        {
            var asker = Sender;
            var left = events.Count;
            PersistAll(events, _ =>
            {
                if (--left == 0)
                {
                    asker.Tell(Written.Instance);
                }
            });
        });
    }

    public override string PersistenceId { get; }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => Console.Error.WriteLine(cause);

    internal sealed record Written
    {
        public static readonly Written Instance = new();
    }
}
