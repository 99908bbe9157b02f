using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FjBellows.Time;
using FjBellows.Workers.Life;
using FjBellows.Workers.Session;
using static FjBellows.Workers.Life.WorkerInput;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>
/// One machine (a VM, a container or a process), from the intent to create it to the proof that it is gone. It receives, journals,
/// applies and runs effects; <see cref="WorkerLife"/> decides.
/// </summary>
internal sealed class WorkerActor : ReceivePersistentActor, IWithTimers
{
    private const int SnapshotEvery = 50;

    private readonly PoolRuntime _pool;
    private readonly OutsideCalls _calls;
    private readonly WorkerEffects _effects;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private Worker _worker;
    private IActorRef? _session;
    private int _sessions;
    private TimeSpan? _timerAt;

    public WorkerActor(PoolRuntime pool, string name, bool resumed)
    {
        _pool = pool;
        _calls = new OutsideCalls(Self, Context.System.Scheduler);
        _effects = new WorkerEffects(pool, name, _calls);
        _worker = new Worker { Name = name, Resumed = resumed };

        Recover<SnapshotOffer>(offer => _worker = _worker with { State = (WorkerState)offer.Snapshot });
        Recover<IWorkerEvent>(e => _worker = _worker with { State = _worker.State.Apply(e) });
        Recover<RecoveryCompleted>(_ => On(new Recovered()));

        Command<Execute>(OnExecute);
        Command<SessionProtocol.ISessionReport>(m =>
        {
            // A report of a session that was closed belongs to the past (invariant W6).
            if (Sender.Equals(_session))
            {
                On(m);
            }
        });
        Command<DeadlineReached>(m =>
        {
            _timerAt = null;
            On(m);
        });
        Command<IWorkerInput>(On);
        Command<SaveSnapshotSuccess>(m => DeleteMessages(m.Metadata.SequenceNr - 1));
        Command<SaveSnapshotFailure>(
            m => _log.Warning(m.Cause, "worker {Worker}: failed to write its snapshot; recovery takes longer", name));
        Command<DeleteMessagesSuccess>(_ => On(new Forgotten()));
        Command<DeleteMessagesFailure>(m => On(new NotForgotten(m.Cause)));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
        Command<DeleteSnapshotSuccess>(_ => { });
        Command<DeleteSnapshotFailure>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => $"worker-{_pool.Settings.Name}-{_worker.Name}";

    private Moment Present => new(_pool.Clock.Now, _pool.Clock.Elapsed, _pool.Settings, _pool.Billing)
    {
        JournalFails = _pool.JournalHealth.Phase is JournalPhase.RefusedStore or JournalPhase.Probing,
        CloudIsMeasured = _pool.CloudClock.IsMeasured,
    };

    /// <summary>A worker's actor.</summary>
    /// <param name="pool">What the pool's actors share.</param>
    /// <param name="name">The worker's name.</param>
    /// <param name="resumed">True when its journal should hold something: the pool knew it before a restart.</param>
    public static Props Props(PoolRuntime pool, string name, bool resumed) =>
        pool.On(Akka.Actor.Props.Create<WorkerActor>(pool, name, resumed));

    protected override void PostStop() => _calls.Dispose();

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        _log.Error(
            cause,
            "worker {Worker}: journal write of {Event} failed, so it was not acted upon; the worker is restored from its journal",
            _worker.Name, @event.GetType().Name);
        Context.Parent.Tell(new JournalRefused(_worker.Name, cause.Message));
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        _log.Error(cause, "worker {Worker}: internal error: no serializer registered for {Event}", _worker.Name, @event.GetType().Name);
        throw new ActorKilledException($"the journal rejected {@event.GetType().Name}: {cause.Message}");
    }

    /// <summary>Decide, then journal, then apply, then act.</summary>
    private void On(IWorkerInput input)
    {
        var step = WorkerLife.Decide(_worker, input, Present);
        if (step.Events.IsEmpty)
        {
            Act(step);
            return;
        }

        var (left, before) = (step.Events.Length, LastSequenceNr);
        PersistAll(step.Events, _ =>
        {
            if (--left > 0)
            {
                return;
            }

            _worker = step.Next;
            if (LastSequenceNr / SnapshotEvery > before / SnapshotEvery && _worker.Phase != WorkerPhase.Removed)
            {
                SaveSnapshot(_worker.State);
            }

            Act(step);
        });
    }

    private void Act(Step step)
    {
        _worker = step.Next;
        foreach (var effect in step.Effects)
        {
            Run(effect);
        }

        SetTimer();
    }

    private void Run(Effect effect)
    {
        switch (effect)
        {
            case Effect.Tell tell:
                Context.Parent.Tell(tell.Report);
                break;
            case Effect.ToSession command:
                _session?.Tell(command.Command);
                break;
            case Effect.OpenSession open:
                CloseSession();
                _session = Context.ActorOf(SessionActor.Props(_pool, open.Endpoint, open.Dispatch), $"session-{++_sessions}");
                break;
            case Effect.CloseSession:
                CloseSession();
                break;
            case Effect.Warn warn:
                _log.Warning(warn.Template, warn.Properties);
                break;
            case Effect.Forget:
                DeleteSnapshots(new SnapshotSelectionCriteria(long.MaxValue, DateTime.MaxValue));
                DeleteMessages(LastSequenceNr);
                break;
            case Effect.Stop:
                Context.Stop(Self);
                break;
            default:
                _effects.Run(effect, _worker.State);
                break;
        }
    }

    private void CloseSession()
    {
        if (_session is { } session)
        {
            _session = null;
            Context.Stop(session);
        }
    }

    /// <summary>The one timer: at the next deadline, and within a minute, since the wall clock may be set (invariant B7).</summary>
    private void SetTimer()
    {
        var now = Present;
        var wait = Deadlines.Next(_worker, now);
        var due = now.Elapsed + wait;
        if (_timerAt is not { } armed || due < armed)
        {
            _timerAt = due;
            Timers.StartSingleTimer(nameof(DeadlineReached), DeadlineReached.Instance, wait);
        }
    }

    private void OnExecute(Execute m)
    {
        if (_session is { } session)
        {
            session.Forward(new SessionProtocol.Run(m.Command, m.Limit));
        }
        else
        {
            Sender.Tell(new CommandRefused($"{_worker.Name} is {_worker.Phase} and has no connection"));
        }
    }

    /// <summary>Tells the pool that the journal refused an event of a worker's (invariant R5).</summary>
    internal sealed record JournalRefused(string Worker, string Why) : IWorkerReport;
}
