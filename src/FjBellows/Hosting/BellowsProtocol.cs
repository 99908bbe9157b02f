using Akka.Actor;
using FjBellows.Pool;

namespace FjBellows.Hosting;

/// <summary>The messages of the root actor, <c>/user/fj-bellows</c>: questions, commands and answers.</summary>
public static class BellowsProtocol
{
    /// <summary>The state of every pool; answered by <see cref="BellowsStatus"/> within a few seconds, whatever state a pool is
    /// in.</summary>
    public sealed record GetStatus
    {
        /// <summary>The one instance.</summary>
        public static GetStatus Instance { get; } = new();
    }

    /// <summary>The actor of one pool; answered by <see cref="PoolFound"/> or <see cref="PoolUnknown"/>.</summary>
    /// <param name="Name">The pool's name.</param>
    public sealed record FindPool(string Name);

    /// <summary>A pool's actor, for the messages of <see cref="PoolProtocol"/>. The reference stays good when the pool is
    /// restarted.</summary>
    /// <param name="Name">The pool's name.</param>
    /// <param name="Pool">Its actor.</param>
    public sealed record PoolFound(string Name, IActorRef Pool);

    /// <summary>There is no such pool.</summary>
    /// <param name="Name">The name asked for.</param>
    /// <param name="Known">The pools that there are.</param>
    public sealed record PoolUnknown(string Name, IReadOnlyList<string> Known);

    /// <summary>Drain every pool (invariant R4); answered by <see cref="AllDrained"/>.</summary>
    /// <param name="DeleteWorkers">True to delete idle workers too.</param>
    public sealed record DrainAll(bool DeleteWorkers);

    /// <summary>Every pool is drained.</summary>
    /// <param name="WorkersLeft">Workers that still exist.</param>
    public sealed record AllDrained(int WorkersLeft);

    /// <summary>The answer to <see cref="GetStatus"/>.</summary>
    /// <param name="Pools">The pools that answered, in configured order.</param>
    /// <param name="Silent">Pools that did not answer, with the reason where one is known: usually a journal that cannot be read.</param>
    public sealed record BellowsStatus(IReadOnlyList<PoolStatus> Pools, IReadOnlyDictionary<string, string> Silent);
}
