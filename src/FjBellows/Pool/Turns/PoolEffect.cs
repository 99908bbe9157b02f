using Akka.Actor;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>What a turn of the pool does to the world. A closed set: <see cref="PoolActor"/> and <see cref="PoolEffects"/> carry it out,
/// and decide nothing.</summary>
internal abstract record PoolEffect
{
    private PoolEffect()
    {
    }

    /// <summary>Write events down, then take a further turn.</summary>
    public sealed record Persist(IReadOnlyList<IPoolEvent> Events, Action<Turn> Then) : PoolEffect;

    /// <summary>Start a worker's actor.</summary>
    public sealed record Spawn(string Worker, bool Resumed, WorkerProtocol.IWorkerCommand? First = null) : PoolEffect;

    /// <summary>Send a worker a command.</summary>
    public sealed record TellWorker(string Worker, WorkerProtocol.IWorkerCommand Command, IActorRef? Sender = null) : PoolEffect;

    /// <summary>Answer an asker.</summary>
    public sealed record Reply(IActorRef To, object Answer) : PoolEffect;

    /// <summary>Publish on the event stream.</summary>
    public sealed record Publish(object Event) : PoolEffect;

    /// <summary>Report to people: in the log with named properties, and on the event stream as text.</summary>
    public sealed record Announce(NoticeKind Kind, string Code, string Template, object?[] Args, string? Worker, long? Job) : PoolEffect;

    /// <summary>Tell an observer.</summary>
    public sealed record TellObserver(PoolSource Source, object Message) : PoolEffect;

    /// <summary>Tell the keeper of the managed network.</summary>
    public sealed record TellNetwork(object Message) : PoolEffect;

    /// <summary>Call the outside world.</summary>
    public sealed record Call(TimeSpan Limit, Func<CancellationToken, Task<object?>> Work, Func<Exception, object?> Failure) : PoolEffect;

    /// <summary>Send a message to the pool later; replaces an earlier one with that key.</summary>
    public sealed record Later(object Key, object Message, TimeSpan After) : PoolEffect;

    /// <summary>Forget such a message.</summary>
    public sealed record Never(object Key) : PoolEffect;
}
