using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using FjBellows.Billing;
using FjBellows.Pool;
using FjBellows.Time;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>
/// One VM, from the intention to buy it to the proof that it is gone. It persists, then applies, then acts; it decides for itself when its
/// paid time ends. This part receives and reports; the others hold one stretch of its life each.
/// </summary>
internal sealed partial class WorkerActor : ReceivePersistentActor, IWithTimers
{
    private const int SnapshotEvery = 50;

    private readonly PoolRuntime _pool;
    private readonly string _name;
    private readonly bool _resumed;
    private readonly OutsideCalls _calls;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private WorkerState _state = WorkerState.Empty;
    private bool _reportedOnce;

    public WorkerActor(PoolRuntime pool, string name, bool resumed)
    {
        _pool = pool;
        _name = name;
        _resumed = resumed;
        _calls = new OutsideCalls(Self, Context.System.Scheduler);

        Recover<SnapshotOffer>(offer => _state = (WorkerState)offer.Snapshot);
        Recover<IWorkerEvent>(e => _state = _state.Apply(e));
        Recover<RecoveryCompleted>(_ => Resume());

        ReceiveProvisioning();
        ReceiveSession();
        ReceiveJobs();
        ReceiveDraining();
        ReceiveRemoval();
        Command<OutcomeRecorded>(_ => { });
        Command<SaveSnapshotSuccess>(m => DeleteMessages(m.Metadata.SequenceNr - 1));
        Command<SaveSnapshotFailure>(m => _log.Warning(m.Cause, "worker {Worker}: its snapshot could not be written; recovery will take longer", _name));
        Command<DeleteSnapshotsSuccess>(_ => { });
        Command<DeleteSnapshotsFailure>(_ => { });
        Command<DeleteSnapshotSuccess>(_ => { });
        Command<DeleteSnapshotFailure>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public override string PersistenceId => $"worker-{_pool.Settings.Name}-{_name}";

    private DateTimeOffset Now => _pool.Clock.Now;

    private TimeoutSettings Timeouts => _pool.Settings.Timeouts;

    /// <summary>A worker's actor.</summary>
    /// <param name="pool">What the pool's actors share.</param>
    /// <param name="name">The worker's name.</param>
    /// <param name="resumed">True when its journal should hold something: the pool knew it before a restart.</param>
    public static Props Props(PoolRuntime pool, string name, bool resumed) =>
        pool.On(Akka.Actor.Props.Create(() => new WorkerActor(pool, name, resumed)));

    protected override void PostStop() => _calls.Dispose();

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        _log.Error(cause, "worker {Worker}: {Event} could not be written to the journal, so it was not acted upon (R5); the worker is taken up again from its journal", _name, @event.GetType().Name);
        Context.Parent.Tell(new JournalRefused(_name, cause.Message));
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        _log.Error(cause, "worker {Worker}: the journal's serializer does not know {Event}: this program is put together wrongly", _name, @event.GetType().Name);
        throw new ActorKilledException($"the journal rejected {@event.GetType().Name}: {cause.Message}");
    }

    /// <summary>Goes on from where the journal ends (invariants W2, W13, W14).</summary>
    private void Resume()
    {
        _unlinkedSince = Now;
        switch (_state.Phase)
        {
            case null when _resumed:
                // The pool planned it and nothing of its own was written: the cloud was never called.
                ReportGone("the daemon stopped before it was bought");
                break;
            case null:
                break;
            case WorkerPhase.Provisioning:
                ResumeProvisioning();
                break;
            case WorkerPhase.Idle:
                OpenSession();
                LinkLost();
                ArmTeardownDeadline();
                break;
            case WorkerPhase.Busy:
            case WorkerPhase.Draining:
                ResumeJob();
                break;
            case WorkerPhase.Removing:
                ResumeRemoval();
                break;
            default:
                ReportGone(_state.Why);
                break;
        }

        if (_state.Phase is not (null or WorkerPhase.Removed))
        {
            Report();
        }
    }

    /// <summary>Persist, then apply, then act.</summary>
    private void Record(Action then, params IWorkerEvent[] events)
    {
        var left = events.Length;
        PersistAll(events, e =>
        {
            _state = _state.Apply(e);
            if (LastSequenceNr % SnapshotEvery == 0)
            {
                SaveSnapshot(_state);
            }

            if (--left == 0)
            {
                then();
            }
        });
    }

    private void Report(EndedDispatch? ended = null)
    {
        var recovered = !_reportedOnce && IsResumedLife;
        _reportedOnce = true;
        if (Outcome(ended ?? (recovered ? _state.LastEnded : null)) is { } outcome)
        {
            Context.Parent.Tell(new DispatchEnded(outcome) { Recovered = recovered });
        }

        Context.Parent.Tell(new Changed(View(), recovered));
    }

    private void ReportGone(string end)
    {
        var recovered = !_reportedOnce && IsResumedLife;
        _reportedOnce = true;
        if (recovered && Outcome(_state.LastEnded) is { } outcome)
        {
            Context.Parent.Tell(new DispatchEnded(outcome) { Recovered = recovered });
        }

        Context.Parent.Tell(new Gone(Ledger(end), recovered));
    }

    private bool IsResumedLife => _resumed;

    private DispatchOutcome? Outcome(EndedDispatch? ended) =>
        ended?.Of(_pool.Settings.Name, _name);

    private WorkerView View() => new()
    {
        Name = _name,
        Phase = _state.Phase ?? WorkerPhase.Provisioning,
        Linked = IsUsable,
        InstanceId = _state.InstanceId,
        Addresses = _state.Addresses,
        Placement = _state.Placement,
        PlannedAt = _state.PlannedAt,
        CreatedAt = _state.CreatedAt,
        ReadyAt = _state.ReadyAt,
        IdleSince = _state.Phase == WorkerPhase.Idle ? _state.IdleSince : null,
        TeardownDeadline = _state.Phase is WorkerPhase.Idle or WorkerPhase.Busy ? _state.TeardownDeadline(_pool.Billing, _pool.Settings.Teardown, Now) : null,
        PaidUntil = _state.CreatedAt is { } created ? PaidTime.PaidUntil(_pool.Billing, created, Now, _state.HourlyPrice) : null,
        HourlyPrice = _state.HourlyPrice,
        Current = _state.Current,
        JobsRun = _state.JobsRun,
        Busy = _state.Busy,
        Why = _state.Why,
    };

    private WorkerLedger Ledger(string end)
    {
        var gone = _state.Phase == WorkerPhase.Removed ? _state.PhaseSince : Now;
        return new WorkerLedger(
            _pool.Settings.Name,
            _name,
            _state.InstanceId?.Value,
            _state.Placement,
            _state.Phase is null ? gone : _state.PlannedAt,
            _state.CreatedAt,
            _state.ReadyAt,
            gone,
            _state.Busy,
            _state.CreatedAt is { } created ? PaidTime.Billed(_pool.Billing, gone - created, _state.HourlyPrice) : TimeSpan.Zero,
            _state.HourlyPrice,
            _state.JobsRun,
            _state is { CreatedAt: { } since, IdleSince: { } idle }
                ? TeardownPolicy.MissedBoundaries(_pool.Billing, _pool.Settings.Teardown, since, idle, gone, _state.RenewedUntil)
                : 0,
            _state.PlannedWhy,
            end);
    }

    /// <summary>Tells the pool that the journal refused an event of a worker's (invariant R5).</summary>
    internal sealed record JournalRefused(string Worker, string Why) : IWorkerReport;
}
