using System.Collections.Immutable;
using FjBellows.Jobs;
using FjBellows.Time;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>What a pool knows at one moment: one record per worker, per job and per source, and the state of each decision.</summary>
internal sealed record Known
{
    /// <summary>The most outcomes that a status shows.</summary>
    public const int MostRecent = 200;

    /// <summary>Workers, by name.</summary>
    public ImmutableDictionary<string, KnownWorker> Workers { get; init; } =
        ImmutableDictionary<string, KnownWorker>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Jobs, by key.</summary>
    public ImmutableDictionary<JobKey, KnownJob> Jobs { get; init; } = ImmutableDictionary<JobKey, KnownJob>.Empty;

    /// <summary>Sources but the journal, whose health is <see cref="JournalHealth"/>.</summary>
    public ImmutableDictionary<PoolSource, SourceHealth> Sources { get; init; } = ImmutableDictionary<PoolSource, SourceHealth>.Empty;

    /// <summary>When the last listing of the queue was requested; null before the first.</summary>
    public DateTimeOffset? JobsAt { get; init; }

    /// <summary>The last listing of the registrations.</summary>
    public RunnersObserved? Runners { get; init; }

    /// <summary>Registrations whose dispatch is over, with the first listing that showed them so.</summary>
    public ImmutableDictionary<long, DateTimeOffset> LeftoverRunners { get; init; } = ImmutableDictionary<long, DateTimeOffset>.Empty;

    /// <summary>Instances that no worker claims.</summary>
    public Orphans Orphans { get; init; } = Orphans.None;

    /// <summary>What holds provisioning back.</summary>
    public ProvisioningBackoff Provisioning { get; init; } = ProvisioningBackoff.Open;

    /// <summary>What holds dispatching back.</summary>
    public DispatchBreaker Dispatching { get; init; } = DispatchBreaker.Closed;

    /// <summary>Instances that an operator's reconcile no longer counts against the bound on cost.</summary>
    public int Forgiven { get; init; }

    /// <summary>The network around the workers.</summary>
    public NetworkState Network { get; init; } = NetworkState.None;

    /// <summary>The drain for a stop; null while there is none.</summary>
    public DrainProgress? Drain { get; init; }

    /// <summary>Counts since the start.</summary>
    public PoolTotals Totals { get; init; } = new();

    /// <summary>Recent outcomes, newest last.</summary>
    public ImmutableList<DispatchOutcome> Recent { get; init; } = [];

    /// <summary>The last plan: what a status answers from.</summary>
    public PoolPlan Plan { get; init; } = PoolPlan.Nothing;

    /// <summary>When it was made.</summary>
    public DateTimeOffset PlannedAt { get; init; }

    /// <summary>Why nothing is provisioned, at the last plan; null when something may be.</summary>
    public ProvisioningHold? Hold { get; init; }

    /// <summary>The difference of the cloud's clock that was last reported.</summary>
    public TimeSpan ReportedClock { get; init; }

    /// <summary>Which sources are observed more often than usual.</summary>
    public PoolCadence Cadence { get; init; }

    /// <summary>How long the last write to the pool's journal took; null before the first.</summary>
    public TimeSpan? JournalLatency { get; init; }

    /// <summary>Workers with a report.</summary>
    public IEnumerable<WorkerView> Views => Workers.Values.Where(w => w.View is not null).Select(w => w.View!);

    /// <summary>Workers that have not reported since the start.</summary>
    public int Awaited => Workers.Values.Count(w => w.IsAwaited);

    /// <summary>A worker with its report; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    public KnownWorker? Find(string name) => Workers.GetValueOrDefault(name);

    /// <summary>With a worker changed, if it is known.</summary>
    /// <param name="name">Its name.</param>
    public Known With(string name, Func<KnownWorker, KnownWorker> change) =>
        Workers.TryGetValue(name, out var worker) ? this with { Workers = Workers.SetItem(name, change(worker)) } : this;

    /// <summary>With a worker.</summary>
    public Known With(KnownWorker worker) => this with { Workers = Workers.SetItem(worker.Name, worker) };

    /// <summary>Without a worker.</summary>
    /// <param name="name">Its name.</param>
    public Known Without(string name) => this with { Workers = Workers.Remove(name) };

    /// <summary>With a listing of the queue. An end seen in it frees the jobs of its repository that Forgejo did not hand out; what was
    /// neither listed nor dispatched for the given time is forgotten (invariant R7).</summary>
    /// <param name="memory">For how long outcomes are remembered.</param>
    public Known With(JobsObserved listing, DateTimeOffset now, TimeSpan memory)
    {
        var rows = new Dictionary<JobKey, QueuedJob>(listing.Jobs.Count);
        foreach (var row in listing.Jobs)
        {
            // A row that shows the job running outweighs one that shows it waiting (invariant J5).
            if (!rows.TryAdd(row.Key, row) && !row.IsDemand)
            {
                rows[row.Key] = row;
            }
        }

        var jobs = Jobs.ToBuilder();
        HashSet<long>? ended = null;
        foreach (var (key, job) in Jobs)
        {
            if (!rows.ContainsKey(key))
            {
                if (job.Listed)
                {
                    (ended ??= []).Add(job.Job.RepoId);
                }

                if (job.Backoff.Kind is null || (job.Backoff.EndedAt < now - memory && job.Backoff.Until < now))
                {
                    jobs.Remove(key);
                }
                else if (job.Listed)
                {
                    jobs[key] = job with { Listed = false, Told = null };
                }
            }
        }

        foreach (var (key, row) in rows)
        {
            var before = jobs.GetValueOrDefault(key);
            var after = before is null ? new KnownJob(row, now, true) : before.With(row, listing.RequestedAt, now);
            if (ended?.Contains(row.RepoId) == true)
            {
                var freed = after.Backoff.Free(listing.RequestedAt);
                after = ReferenceEquals(freed, after.Backoff) ? after : after with { Backoff = freed };
            }

            if (!ReferenceEquals(before, after))
            {
                jobs[key] = after;
            }
        }

        return this with { Jobs = jobs.ToImmutable(), JobsAt = listing.RequestedAt };
    }

    /// <summary>True when the queue asks for what it asked for before: the same rows, none of which an earlier listing was too old for
    /// (invariant W12).</summary>
    /// <param name="before">What was known before.</param>
    public bool AsksForTheSameAs(Known before) =>
        ReferenceEquals(Jobs, before.Jobs)
            && !Jobs.Any(j => j.Value.Listed && j.Value.Backoff.Kind is not null && j.Value.Backoff.EndedAt >= before.JobsAt);

    /// <summary>The same once the clock was set: every moment that is remembered moves along, so that nothing is waited for longer, and
    /// nothing begins earlier, than it was to (invariants B7, J5).</summary>
    /// <param name="by">By how much forward.</param>
    public Known Moved(TimeSpan by) => this with
    {
        Workers = Workers.SetItems(Workers.Select(w => KeyValuePair.Create(w.Key, w.Value.Moved(by)))),
        Jobs = Jobs.SetItems(Jobs.Select(j => KeyValuePair.Create(j.Key, j.Value.Moved(by)))),
        Sources = Sources.SetItems(
            Sources.Select(s => KeyValuePair.Create(s.Key, s.Value with { LastSuccess = s.Value.LastSuccess.Moved(by) }))),
        JobsAt = JobsAt.Moved(by),
        Runners = Runners is { } runners ? runners with { RequestedAt = runners.RequestedAt.Moved(by) } : null,
        LeftoverRunners = LeftoverRunners.SetItems(LeftoverRunners.Select(l => KeyValuePair.Create(l.Key, l.Value.Moved(by)))),
        Orphans = Orphans.Moved(by),
        Provisioning = Provisioning.Moved(by),
        Dispatching = Dispatching.Moved(by),
        Network = Network with { Making = Network.Making.Moved(by) },
        Hold = Hold?.Moved(by),
        PlannedAt = PlannedAt.Moved(by),
    };

    /// <summary>With what a dispatch's end means for its job.</summary>
    /// <param name="waits">The pool's waits.</param>
    public Known With(DispatchOutcome outcome, BackoffSettings waits, DateTimeOffset now)
    {
        var job = outcome.Assignment.Job;
        var known = Jobs.GetValueOrDefault(job.Key) ?? new KnownJob(job, now, false);
        var next = known with { Backoff = known.Backoff.After(outcome, waits) };
        var recent = Recent.Any(o => o.Assignment.Dispatch == outcome.Assignment.Dispatch) ? Recent : Recent.Add(outcome);
        return this with
        {
            Jobs = Jobs.SetItem(job.Key, next),
            Recent = recent.Count > MostRecent ? recent.RemoveAt(0) : recent,
        };
    }
}
