using Akka.Actor;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>One message's turn: it changes what is known (<see cref="Known"/>, <see cref="Memory"/>, the journal's health) and collects
/// effects. It calls nothing outside.</summary>
internal sealed class Turn
{
    private readonly List<PoolEffect> _effects = [];

    /// <summary>A turn.</summary>
    /// <param name="pool">What the pool's actors share.</param>
    /// <param name="known">What the pool knows.</param>
    /// <param name="journal">What its journal says.</param>
    /// <param name="sender">Whose message it is.</param>
    /// <param name="memory">What it learned beside that.</param>
    public Turn(PoolRuntime pool, Known known, PoolJournalState journal, IActorRef sender, PoolMemory memory)
    {
        (Pool, Known, Journal, Sender, Memory) = (pool, known, journal, sender, memory);
        Now = pool.Clock.Now;
    }

    /// <summary>What the pool's actors share.</summary>
    public PoolRuntime Pool { get; }

    /// <summary>What the pool knows.</summary>
    public Known Known { get; set; }

    /// <summary>What its journal says.</summary>
    public PoolJournalState Journal { get; }

    /// <summary>Whose message it is.</summary>
    public IActorRef Sender { get; }

    /// <summary>Learned durations and the start of the process. The planner gets the durations by its policy; outcomes teach
    /// them.</summary>
    public PoolMemory Memory { get; }

    /// <summary>The present.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The pool's settings.</summary>
    public PoolSettings Settings => Pool.Settings;

    /// <summary>True when the message showed what was known already: the last plan holds for a while.</summary>
    public bool NothingNew { get; set; }

    /// <summary>What it does, in order.</summary>
    public IReadOnlyList<PoolEffect> Effects => _effects;

    /// <summary>Adds an effect.</summary>
    public void Do(PoolEffect effect) => _effects.Add(effect);

    /// <summary>Sends a worker a command.</summary>
    /// <param name="worker">Its name.</param>
    public void Tell(string worker, WorkerProtocol.IWorkerCommand command) => Do(new PoolEffect.TellWorker(worker, command));

    /// <summary>Answers the message's sender.</summary>
    public void Reply(object answer) => Do(new PoolEffect.Reply(Sender, answer));

    /// <summary>Writes events down, then takes a further turn. Only what is inside <paramref name="then"/> waits for the journal: the
    /// turn's other effects are carried out at once.</summary>
    /// <param name="then">The further turn.</param>
    public void Persist(Action<Turn> then, params IPoolEvent[] events) => Do(new PoolEffect.Persist(events, then));

    /// <summary>Reports to people.</summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="code">Which case, in snake_case.</param>
    /// <param name="template">The text with named properties.</param>
    /// <param name="args">Their values, in order.</param>
    /// <param name="worker">The worker it concerns.</param>
    /// <param name="job">The job it concerns.</param>
    public void Notice(NoticeKind kind, string code, string template, object?[] args, string? worker = null, long? job = null) =>
        Do(new PoolEffect.Announce(kind, code, template, args, worker, job));

    /// <summary>Changes a worker's record.</summary>
    /// <param name="worker">Its name.</param>
    public void Change(string worker, Func<KnownWorker, KnownWorker> change) => Known = Known.With(worker, change);

    /// <summary>Changes the journal's health, which the pool's actors share and which outlives this actor.</summary>
    public void ChangeJournal(Func<JournalHealth, JournalHealth> change) => Pool.JournalHealth = change(Pool.JournalHealth);
}
