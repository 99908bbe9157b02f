using Akka.Actor;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Daemon.Control.Events;

/// <summary>Everything that the actors publish, kept for whoever asks the control plane. The pools publish and go on; what is kept is
/// bounded (invariants R7, R8).</summary>
internal sealed class ControlFeed
{
    private const int EventsKept = 5_000;
    private const int LogCharactersKept = 128 * 1024;
    private const int LogsKept = 64;
    private const int SpansKept = 500;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Dictionary<(string Pool, string Worker), WorkerPast> _workers = [];

    /// <summary>Keeps nothing yet.</summary>
    /// <param name="metrics">Counts what comes.</param>
    public ControlFeed(TimeProvider time, ControlMetrics metrics)
    {
        _time = time;
        Metrics = metrics;
        Epoch = time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Tells this daemon's ids from those of the one before.</summary>
    public string Epoch { get; }

    /// <summary>Counts what comes.</summary>
    public ControlMetrics Metrics { get; }

    /// <summary>What happened.</summary>
    public ReplayBuffer<PoolNotice> Notices { get; } = new(_ => "", _ => 1, EventsKept, 1);

    /// <summary>What runners said: the last lines of each of the last jobs.</summary>
    public ReplayBuffer<JobLine> Lines { get; } = new(l => l.Dispatch, l => l.Line.Length + 64, LogCharactersKept, LogsKept);

    /// <summary>Takes whatever the actors publish, in the order in which they do.</summary>
    /// <param name="system">The actor system.</param>
    /// <returns>Ends it.</returns>
    public IDisposable Follow(ActorSystem system)
    {
        var actor = system.ActorOf(Props.Create(() => new FeedActor(this)));
        foreach (var kind in FeedActor.Kinds)
        {
            system.EventStream.Subscribe(actor, kind);
        }

        return new Following(system, actor);
    }

    /// <summary>When jobs ran on a worker, oldest first.</summary>
    public IReadOnlyList<WorkerSpan> SpansOf(string pool, string worker)
    {
        lock (_gate)
        {
            return _workers.TryGetValue((pool, worker), out var past) ? [.. past.Spans.Values.OrderBy(s => s.From)] : [];
        }
    }

    /// <summary>Learns of dispatches that ended before this process began.</summary>
    /// <param name="outcomes">What the history says.</param>
    /// <param name="alive">The workers that exist.</param>
    public void Remember(IEnumerable<DispatchOutcome> outcomes, IReadOnlySet<string> alive)
    {
        foreach (var outcome in outcomes.Where(o => alive.Contains(o.Worker)))
        {
            Take(outcome);
        }
    }

    internal void Take(PoolNotice m) => Notices.Add(m);

    internal void Take(WorkerChanged m)
    {
        if (m.View.Current is { } current)
        {
            lock (_gate)
            {
                Past(m.Pool, m.View.Name).JobOf = (current.Dispatch.Value, current.Job.Id);
            }
        }
    }

    internal void Take(JobLogLine m)
    {
        long? job;
        lock (_gate)
        {
            job = _workers.TryGetValue((m.Pool, m.Worker), out var past) && past.JobOf is { } known && known.Dispatch == m.Dispatch.Value
                ? known.Job
                : null;
        }

        Lines.Add(new JobLine(_time.GetUtcNow(), m.Pool, m.Worker, m.Dispatch.Value, job, m.Line));
    }

    internal void Take(DispatchOutcome m)
    {
        if (m.Assignment.StartedAt is not { } started)
        {
            return;
        }

        lock (_gate)
        {
            var spans = Past(m.Pool, m.Worker).Spans;
            spans[m.Assignment.Dispatch.Value] = new WorkerSpan(started, m.EndedAt, m.Assignment.Job.Id, m.Assignment.Job.Name, m.Kind);
            if (spans.Count > SpansKept)
            {
                spans.RemoveAt(0);
            }
        }
    }

    internal void Take(WorkerLedger m)
    {
        lock (_gate)
        {
            _workers.Remove((m.Pool, m.Worker));
        }
    }

    private WorkerPast Past(string pool, string worker)
    {
        if (!_workers.TryGetValue((pool, worker), out var past))
        {
            _workers[(pool, worker)] = past = new WorkerPast();
        }

        return past;
    }

    private sealed class Following(ActorSystem system, IActorRef actor) : IDisposable
    {
        public void Dispose()
        {
            system.EventStream.Unsubscribe(actor);
            system.Stop(actor);
        }
    }

    private sealed class WorkerPast
    {
        public OrderedDictionary<string, WorkerSpan> Spans { get; } = new(StringComparer.Ordinal);

        public (string Dispatch, long Job)? JobOf { get; set; }
    }
}

/// <summary>A line of a runner's output.</summary>
/// <param name="At">When it came.</param>
/// <param name="JobId">The job; null when it is not known.</param>
internal sealed record JobLine(DateTimeOffset At, string Pool, string Worker, string Dispatch, long? JobId, string Line);
