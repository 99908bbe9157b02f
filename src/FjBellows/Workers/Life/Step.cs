using System.Collections.Immutable;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>What follows from an input: the worker afterwards, what is journaled for it, and what is done once it is.</summary>
/// <param name="Next">The worker, with the events applied.</param>
/// <param name="Events">What happened.</param>
/// <param name="Effects">What to do, in this order.</param>
internal readonly record struct Step(Worker Next, ImmutableArray<IWorkerEvent> Events, ImmutableArray<Effect> Effects)
{
    /// <summary>No event and no effect.</summary>
    /// <param name="worker">The worker, perhaps with another transient part.</param>
    public static Step Of(Worker worker) => new(worker, [], []);

    /// <summary>Adds an event, and applies it to <see cref="Next"/>.</summary>
    public Step Record(Moment at, IWorkerEvent @event) => this with { Next = Next.After(@event, at), Events = Events.Add(@event) };

    /// <summary>Changes the transient part of <see cref="Next"/>.</summary>
    public Step With(Func<Worker, Worker> change) => this with { Next = change(Next) };

    /// <summary>Adds an effect.</summary>
    public Step Do(Effect effect) => this with { Effects = Effects.Add(effect) };

    /// <summary>Adds what another decision about <see cref="Next"/> says.</summary>
    /// <param name="decide">The decision.</param>
    public Step Then(Func<Worker, Step> decide)
    {
        var more = decide(Next);
        return new Step(more.Next, Events.AddRange(more.Events), Effects.AddRange(more.Effects));
    }

    /// <summary>Reports the worker's state to the pool.</summary>
    public Step Report(Moment at) => Do(new Effect.Tell(new Changed(Views.View(Next, at), Recovered: false)));
}
