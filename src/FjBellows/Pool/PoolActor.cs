using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Time;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>
/// One pool: the only one that decides to buy, dispatch or drain. It takes observations and its workers' reports, plans on each of them,
/// and carries the plan out. This part recovers and receives; the others hold one concern each.
/// </summary>
internal sealed partial class PoolActor : ReceivePersistentActor, IWithTimers
{
    private const int SnapshotEvery = 100;
    private static readonly TimeSpan ShortenAgain = TimeSpan.FromMinutes(5);

    private readonly PoolRuntime _pool;
    private readonly OutsideCalls _calls;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<PoolSource, SourceHealth> _sources = [];
    private PoolJournalState _journal = PoolJournalState.Empty;
    private int _replayed;
    private PoolTotals _totals = new();
    private TimeSpan? _journalLatency;
    private IActorRef _jobPoller = ActorRefs.Nobody;
    private IActorRef _runnerLister = ActorRefs.Nobody;
    private IActorRef _instanceLister = ActorRefs.Nobody;

    public PoolActor(PoolRuntime pool)
    {
        _pool = pool;
        _calls = new OutsideCalls(Self, Context.System.Scheduler);
        _learned = new DurationEstimator(pool.Settings.Waiting.ExpectedDuration);

        Recover<SnapshotOffer>(offer => _journal = (PoolJournalState)offer.Snapshot);
        Recover<IPoolEvent>(e =>
        {
            _journal = _journal.Apply(e);
            _replayed++;
        });
        Recover<RecoveryCompleted>(_ => Begin());

        ReceiveObservations();
        ReceiveWorkers();
        ReceiveRecords();
        ReceiveOperator();
        ReceiveNetwork();
        ReceivePast();
        Command<WakeUp>(_ => Plan());
        Command<SaveSnapshotSuccess>(m =>
        {
            DeleteMessages(m.Metadata.SequenceNr - 1);
            DeleteSnapshots(new SnapshotSelectionCriteria(m.Metadata.SequenceNr - 1));
        });
        Command<SaveSnapshotFailure>(m => ShortenLater(m.Cause));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteMessagesFailure>(m => ShortenLater(m.Cause));
        Command<ShortenDue>(_ => SaveSnapshot(_journal));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>A journal that could not be cut short is tried again by itself: the next hundred events may be a long way off (invariant R7).</summary>
    private void ShortenLater(Exception cause)
    {
        _log.Warning(cause, "pool {Pool}: its journal could not be shortened; recovery takes longer until it is; trying again in {Wait}", _pool.Settings.Name, ShortenAgain);
        Timers.StartSingleTimer(nameof(ShortenDue), ShortenDue.Instance, ShortenAgain);
    }

    public override string PersistenceId => $"pool-{_pool.Settings.Name}";

    private DateTimeOffset Now => _pool.Clock.Now;

    private TimeoutSettings Timeouts => _pool.Settings.Timeouts;

    /// <summary>A pool's actor.</summary>
    /// <param name="pool">What it works with.</param>
    public static Props Props(PoolRuntime pool) => pool.On(Akka.Actor.Props.Create(() => new PoolActor(pool)));

    protected override void PostStop() => _calls.Dispose();

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        var trouble = TakeNote(cause.Message);
        _log.Error(
            cause,
            "pool {Pool}: {Event} could not be written to the journal, so nothing was bought or dispatched for it (R5). Running jobs go on. " +
            "Mend the journal (space on its disk, its permissions, its database); the pool tries again by itself, not before {Until}",
            _pool.Settings.Name, @event.GetType().Name, trouble.HeldUntil);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _log.Error(reason, "pool {Pool}: its journal could not be read; the pool tries again by itself", _pool.Settings.Name);

    /// <summary>A worker whose actor died of its journal is taken up again from it by the pool; everything else restarts in place.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        maxNrOfRetries: -1,
        withinTimeMilliseconds: -1,
        e => e is ActorInitializationException or ActorKilledException ? Directive.Stop : Directive.Restart);

    private void Begin()
    {
        foreach (var source in Enum.GetValues<PoolSource>())
        {
            _sources[source] = new SourceHealth(source, null, PoolStatus.NotAskedYet, StaleAfter(source));
        }

        _sources[PoolSource.Journal] = _sources[PoolSource.Journal] with { LastSuccess = Now, Error = _pool.Trouble?.Why };
        foreach (var name in _journal.Live.Keys.Concat(_journal.Ended.Keys).Order(StringComparer.Ordinal))
        {
            _unreported.Add(name);
            Spawn(name, resumed: true);
        }

        Timers.StartPeriodicTimer(nameof(PruneDue), PruneDue.Instance, PruneEvery);
        _jobPoller = Context.ActorOf(JobPollerActor.Props(_pool), "job-poller");
        _runnerLister = Context.ActorOf(RunnerListerActor.Props(_pool), "runner-lister");
        _instanceLister = Context.ActorOf(InstanceListerActor.Props(_pool), "instance-lister");
        BeginNetwork();
        if (_replayed >= SnapshotEvery)
        {
            // Writes whose answers were lost grew it without a snapshot (invariant R7).
            SaveSnapshot(_journal);
        }

        ReadPast();
        if (_unreported.Count > 0)
        {
            _log.Info("pool {Pool}: {Count} worker(s) are taken up again from the journal", _pool.Settings.Name, _unreported.Count);
        }
    }

    private TimeSpan StaleAfter(PoolSource source) => source switch
    {
        PoolSource.Jobs => AtLeastAMinute(_pool.Settings.Poll.Interval * 3),
        PoolSource.Runners => AtLeastAMinute(_pool.Settings.Poll.Runners * 12),
        PoolSource.Instances => AtLeastAMinute(_pool.Settings.Poll.Instances * 12),
        _ => TimeSpan.MaxValue,
    };

    private static TimeSpan AtLeastAMinute(TimeSpan time) => time > TimeSpan.FromMinutes(1) ? time : TimeSpan.FromMinutes(1);

    /// <summary>Persist, then apply, then act.</summary>
    private void Record(IPoolEvent[] events, Action then)
    {
        var left = events.Length;
        var begun = Now;
        PersistAll(events, e =>
        {
            _journal = _journal.Apply(e);
            _journalLatency = Now - begun;
            _writtenAt = Now;
            _sources[PoolSource.Journal] = _sources[PoolSource.Journal] with { LastSuccess = Now, Error = null };
            if (LastSequenceNr % SnapshotEvery == 0)
            {
                SaveSnapshot(_journal);
            }

            if (--left == 0)
            {
                then();
            }
        });
    }

    /// <summary>Tells people once: in the log, and on the event stream for whoever watches.</summary>
    private void Notice(NoticeKind kind, string message, string? worker = null, long? job = null)
    {
        var notice = new PoolNotice(_pool.Settings.Name, Now, kind, message, worker, job);
        if (kind == NoticeKind.Warning)
        {
            _log.Warning("pool {Pool}: {Message}", notice.Pool, message);
        }
        else
        {
            _log.Info("pool {Pool}: {Message}", notice.Pool, message);
        }

        Context.System.EventStream.Publish(notice);
    }

    private sealed record WakeUp
    {
        public static readonly WakeUp Instance = new();
    }

    private sealed record ShortenDue
    {
        public static readonly ShortenDue Instance = new();
    }
}
