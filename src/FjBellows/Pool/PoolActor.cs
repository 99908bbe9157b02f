using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Pool.RecordProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>
/// One pool: no other actor provisions or dispatches. (A worker drains by itself at its deadline.) It receives, lets a turn decide on what
/// is known, writes down and carries out; it decides nothing itself.
/// </summary>
internal sealed class PoolActor : ReceivePersistentActor, IWithTimers
{
    private const int SnapshotEvery = 100;
    private static readonly TimeSpan ShortenAgain = TimeSpan.FromMinutes(5);

    private readonly PoolRuntime _pool;
    private readonly ILoggingAdapter _log;
    private PoolMemory _memory;
    private Known _known = new();
    private PoolJournalState _journal = PoolJournalState.Empty;
    private PoolEffects? _effects;
    private int _replayed;

    public PoolActor(PoolRuntime pool)
    {
        _pool = pool;
        var (now, followed) = pool.Clock.Read();
        _memory = new PoolMemory(now, new DurationEstimator(pool.Settings.Waiting.ExpectedDuration), followed);
        _log = Context.GetLogger().WithContext("Pool", pool.Settings.Name);

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
        ReceiveNetwork();
        ReceiveOperator();
        ReceiveSnapshots();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => $"pool-{_pool.Settings.Name}";

    private PoolEffects Effects => _effects ??= new PoolEffects(_pool, Context, Timers, _log);

    /// <summary>A pool's actor.</summary>
    public static Props Props(PoolRuntime pool) => pool.On(Akka.Actor.Props.Create<PoolActor>(pool));

    protected override void PostStop() => _effects?.Dispose();

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        var refused = _pool.Ports.History.Explain(cause);
        _pool.JournalHealth = _pool.JournalHealth.Refused(refused.Refusal, refused.Message, _pool.Clock.Now);
        _log.Error(
            cause,
            "journal write failed: {Event} of pool {Pool}; nothing was provisioned or dispatched for it, and running jobs continue. " +
            "Fix the journal (space on its disk, its permissions, its database); the pool tries again by itself after {RetryAt}",
            @event.GetType().Name, _pool.Settings.Name, _pool.JournalHealth.RetryAt);
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _log.Error(reason, "cannot read the journal of pool {Pool}; the pool tries again by itself", _pool.Settings.Name);

    /// <summary>A worker whose actor died of its journal is started again by the pool; everything else restarts in place.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        maxNrOfRetries: -1,
        withinTimeMilliseconds: -1,
        e => e is ActorInitializationException or ActorKilledException ? Directive.Stop : Directive.Restart);

    private void Begin()
    {
        Take(StartTurns.Begin);
        Timers.StartPeriodicTimer(nameof(PruneDue), PruneDue.Instance, RecordTurns.PruneEvery);
        Effects.Observe();
        if (_replayed >= SnapshotEvery)
        {
            // Writes whose answers were lost grew it without a snapshot (invariant R7).
            SaveSnapshot(_journal);
        }
    }

    private void ReceiveObservations()
    {
        On<JobsObserved>(ObservationTurns.Jobs);
        On<RunnersObserved>(ObservationTurns.Runners);
        On<InstancesObserved>(ObservationTurns.Instances);
        On<SourceFailed>(ObservationTurns.Failed);
        On<LeftoverFailed>(ObservationTurns.LeftoverFailed);
        On<PastRead>(StartTurns.Learn);
        On<PastUnread>(StartTurns.Unread);
        On<WakeUp>((_, _) => { });
    }

    private void ReceiveWorkers()
    {
        FromWorker<Changed>(m => m.View.Name, WorkerTurns.Changed);
        FromWorker<DispatchEnded>(m => m.Outcome.Worker, OutcomeTurns.Ended);
        FromWorker<AssignRefused>(m => m.View.Name, WorkerTurns.AssignRefused);
        FromWorker<ProvisioningFailed>(m => m.Worker, WorkerTurns.ProvisioningFailed);
        FromWorker<Gone>(m => m.Ledger.Worker, WorkerTurns.Gone);
        FromWorker<Purged>(m => m.Worker, (turn, m) =>
        {
            Effects.Forget(m.Worker);
            WorkerTurns.Purged(turn, m);
        });
        Command<Terminated>(m =>
        {
            if (Effects.Ended(m.ActorRef) is { } worker)
            {
                Take(turn => WorkerTurns.Died(turn, worker));
            }
        });
        On<RespawnDue>(WorkerTurns.RespawnDue);
    }

    private void ReceiveRecords()
    {
        On<WorkerActor.JournalRefused>(RecordTurns.WorkerRefused);
        On<OutcomeKept>(RecordTurns.Kept);
        On<LedgerKept>(RecordTurns.Kept);
        On<OutcomeRefused>(RecordTurns.Refused);
        On<LedgerRefused>(RecordTurns.Refused);
        On<KeepOutcome>((turn, m) => RecordTurns.Keep(turn, m.Outcome));
        On<KeepLedger>((turn, m) => RecordTurns.Keep(turn, m.Ledger));
        On<Probed>(RecordTurns.Probed);
        On<PruneDue>((turn, _) => RecordTurns.Prune(turn));
    }

    private void ReceiveNetwork()
    {
        On<NetworkKeeperActor.Made>((turn, _) => NetworkTurns.Made(turn));
        On<NetworkKeeperActor.NotMade>((turn, m) => NetworkTurns.NotMade(turn, m.Error));
        On<NetworkKeeperActor.Released>((turn, m) => NetworkTurns.Released(turn, m.AllGone));
        On<NetworkKeeperActor.NotReleased>((turn, m) => NetworkTurns.NotReleased(turn, m.Error));
        On<NetworkDue>((turn, _) => NetworkTurns.Make(turn));
        On<ReleaseDue>((turn, _) => NetworkTurns.Release(turn));
    }

    private void ReceiveOperator()
    {
        Command<GetStatus>(_ => Sender.Tell(StartTurns.Status(NewTurn())));
        On<Pause>(OperatorTurns.Pause);
        On<Resume>(OperatorTurns.Resume);
        On<Reconcile>(OperatorTurns.Reconcile);
        On<ChangeSettings>(OperatorTurns.ChangeSettings);
        On<ProvisionWorkers>(OperatorTurns.ProvisionWorkers);
        On<DeleteWorker>(OperatorTurns.Delete);
        On<DrainWorker>(OperatorTurns.Drain);
        On<ReleaseWorker>(OperatorTurns.Release);
        On<RunOnWorker>(OperatorTurns.RunOnWorker);
        On<DrainPool>(OperatorTurns.DrainPool);
    }

    private void ReceiveSnapshots()
    {
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

    private void On<T>(Action<Turn, T> handle) => Command<T>(m => Take(turn => handle(turn, m)));

    private void FromWorker<T>(Func<T, string> worker, Action<Turn, T> handle) => Command<T>(m =>
    {
        if (Effects.IsCurrent(worker(m), Sender))
        {
            Take(turn => handle(turn, m));
        }
    });

    private Turn NewTurn()
    {
        FollowClock();
        return new Turn(_pool, _known, _journal, Sender, _memory);
    }

    /// <summary>When the clock was set, everything that is remembered moves along (invariant B7).</summary>
    private void FollowClock()
    {
        var followed = _pool.Clock.Read().Followed;
        if (followed - _memory.Followed is var by && by != TimeSpan.Zero)
        {
            _memory = _memory.Moved(followed);
            _known = _known.Moved(by);
            _pool.JournalHealth = _pool.JournalHealth.Moved(by);
        }
    }

    /// <summary>One turn: decide, plan, and carry out. Effects other than <see cref="PoolEffect.Persist"/> do not wait for the
    /// journal.</summary>
    private void Take(Action<Turn> decide)
    {
        var turn = NewTurn();
        decide(turn);
        if (!turn.Effects.Any(e => e is PoolEffect.Persist))
        {
            // What is being written down changes what is known: the turn that follows it plans.
            PlanTurn.Run(turn);
        }

        OperatorTurns.CheckDrained(turn);
        _known = turn.Known;
        foreach (var effect in turn.Effects)
        {
            if (effect is PoolEffect.Persist persist)
            {
                Record(persist);
            }
            else
            {
                Effects.Do(effect);
            }
        }
    }

    /// <summary>Persist, then apply, then take a further turn.</summary>
    private void Record(PoolEffect.Persist effect)
    {
        var (left, begun) = (effect.Events.Count, _pool.Clock.Now);
        PersistAll(effect.Events, e =>
        {
            _journal = _journal.Apply(e);
            _known = _known with { JournalLatency = _pool.Clock.Now - begun };
            _pool.JournalHealth = _pool.JournalHealth.Written(_pool.Clock.Now);
            if (LastSequenceNr % SnapshotEvery == 0)
            {
                SaveSnapshot(_journal);
            }

            if (--left == 0)
            {
                Take(effect.Then);
            }
        });
    }

    /// <summary>A journal that could not be cut short is tried again: the next hundred events may be a long way off (invariant
    /// R7).</summary>
    private void ShortenLater(Exception cause)
    {
        _log.Warning(
            cause, "cannot shorten the journal of pool {Pool}; recovery takes longer until it is done; trying again in {Wait}",
            _pool.Settings.Name, ShortenAgain);
        Timers.StartSingleTimer(nameof(ShortenDue), ShortenDue.Instance, ShortenAgain);
    }

    private sealed record ShortenDue
    {
        public static readonly ShortenDue Instance = new();
    }

    private sealed record PruneDue
    {
        public static readonly PruneDue Instance = new();
    }
}
