using System.Collections.Immutable;
using System.Text.Json.Serialization;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>What a pool's journal says: the names of its workers, and whether it is paused. Also its snapshot.</summary>
internal sealed record PoolJournalState
{
    /// <summary>The pool before its first event.</summary>
    public static PoolJournalState Empty { get; } = new();

    /// <summary>Workers that are not proven gone.</summary>
    public ImmutableDictionary<string, PlannedWorker> Live { get; init; } = ImmutableDictionary<string, PlannedWorker>.Empty;

    /// <summary>Workers that are gone and whose own journal is not yet deleted.</summary>
    public ImmutableDictionary<string, DateTimeOffset> Ended { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>Names of workers long gone, by which leftovers of theirs are still recognized as ours (invariant O3).</summary>
    public ImmutableDictionary<string, DateTimeOffset> Remembered { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>Who paused the pool; null while it is not paused.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Since when instances and jobs are counted; null before the first event.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? CountedSince { get; init; }

    /// <summary>Instances created by the pool's own decision, with those whose creation is under way (invariant W18).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Created { get; init; }

    /// <summary>Workers in <see cref="Created"/> whose create call was given up without proof, with the time of that: an instance may
    /// still appear.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableDictionary<string, DateTimeOffset>? MayAppear { get; init; }

    /// <summary>Jobs that ran on workers that ended (invariant W18).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int JobsRun { get; init; }

    /// <summary>The most names remembered (invariant R7).</summary>
    public static int MostRemembered => 1000;

    /// <summary>For how long a create call that was given up counts like one that made an instance (invariant W18).</summary>
    public static TimeSpan AppearsWithin { get; } = TimeSpan.FromMinutes(15);

    /// <summary>Instances created by a moment, with those that may still appear.</summary>
    public int CreatedBy(DateTimeOffset now) => Created - (MayAppear?.Values.Count(at => now - at >= AppearsWithin) ?? 0);

    /// <summary>True when a worker of that name is or was ours.</summary>
    /// <param name="worker">The name.</param>
    public bool Knows(string worker) => Live.ContainsKey(worker) || Ended.ContainsKey(worker) || Remembered.ContainsKey(worker);

    /// <summary>The state after an event.</summary>
    /// <param name="event">What happened.</param>
    public PoolJournalState Apply(IPoolEvent @event) => @event switch
    {
        WorkerPlanned e => this with
        {
            CountedSince = CountedSince ?? e.At,
            Created = Created + (e.Uncounted ? 0 : 1),
            // One that appears after all is counted already.
            MayAppear = MayAppear?.Remove(e.Worker),
            Live = Live.SetItem(e.Worker, new PlannedWorker(e.At, e.Why) { Uncounted = e.Uncounted }),
            Ended = Ended.Remove(e.Worker),
            Remembered = Remembered.Remove(e.Worker),
        },
        WorkerEnded e => Counted(e) with
        {
            JobsRun = JobsRun + e.Jobs,
            Live = Live.Remove(e.Worker),
            Ended = Ended.SetItem(e.Worker, e.At),
        },
        WorkerPurged e => this with { Ended = Ended.Remove(e.Worker), Remembered = Remember(e.Worker, e.At) },
        PoolPaused e => this with { PausedBy = e.By },
        PoolResumed => this with { PausedBy = null },
        _ => throw new ArgumentException($"pool event {@event.GetType().Name} is not known to this version", nameof(@event)),
    };

    /// <summary>What was never created counts no longer; what may still appear counts for a while.</summary>
    private PoolJournalState Counted(WorkerEnded e)
    {
        if (!e.NeverCreated || Created == 0 || !Live.TryGetValue(e.Worker, out var planned) || planned.Uncounted)
        {
            return this;
        }

        if (!e.MayAppear)
        {
            return this with { Created = Created - 1 };
        }

        var all = (MayAppear ?? ImmutableDictionary<string, DateTimeOffset>.Empty).SetItem(e.Worker, e.At);
        var forgotten = all.Count <= MostRemembered
            ? []
            : all.OrderBy(m => m.Value).Take(MostRemembered / 10).Select(m => m.Key).ToList();
        return this with { Created = Created - forgotten.Count, MayAppear = all.RemoveRange(forgotten) };
    }

    private ImmutableDictionary<string, DateTimeOffset> Remember(string worker, DateTimeOffset at)
    {
        var more = Remembered.SetItem(worker, at);
        return more.Count <= MostRemembered
            ? more
            : more.RemoveRange(more.OrderBy(r => r.Value).Take(MostRemembered / 10).Select(r => r.Key));
    }
}

/// <summary>A worker that the pool wants or has.</summary>
/// <param name="At">When it was planned.</param>
internal sealed record PlannedWorker(DateTimeOffset At, string Why)
{
    /// <summary>True when it does not count towards the bound on cost.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Uncounted { get; init; }
}
