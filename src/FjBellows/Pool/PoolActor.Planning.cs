using Akka.Actor;
using FjBellows.Jobs;
using FjBellows.Workers;
using static FjBellows.Jobs.ObserverActor;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>Plans on every event and carries the plan out.</summary>
internal sealed partial class PoolActor
{
    private readonly Dictionary<string, JobKey> _assigning = new(StringComparer.Ordinal);
    private readonly Dictionary<JobKey, JobMemory> _memory = [];
    private readonly Dictionary<JobKey, DateTimeOffset> _firstSeen = [];
    private readonly Dictionary<JobKey, (string Why, string Reason)> _toldWaits = [];
    private JobsObserved? _jobs;
    private ProvisioningBackoff _gate = ProvisioningBackoff.Open;

    /// <summary>Why nothing at all is started; null when things are.</summary>
    private string? Stopped =>
        _unreported.Count > 0 ? $"{_unreported.Count} worker(s) known from before the restart have not reported yet"
        : _drain is not null ? "the daemon is being stopped"
        : _journal.PausedBy is { } by ? $"the pool is paused by {by}"
        : JournalHeld;

    /// <summary>Why an old view of the queue is not acted upon; null when it is fresh. What Forgejo does not list it does not register runners for either.</summary>
    private string? QueueUnread => _sources[PoolSource.Jobs] is { LastSuccess: { } last, Error: { } error } jobs && jobs.IsStale(Now)
        ? $"the queue was last read at {last:HH:mm:ss 'UTC'}: {error} (R3)"
        : null;

    private PlanInput Input() => new()
    {
        Now = Now,
        Labels = _pool.Settings.Labels,
        Max = _pool.Settings.Max,
        Jobs = _jobs?.Jobs ?? [],
        ObservedAt = _jobs?.RequestedAt ?? DateTimeOffset.MinValue,
        Workers = _views.Values,
        Assigning = _assigning,
        Recording = _recording,
        Memory = _memory,
        Waiting = _pool.Settings.Waiting,
        FirstSeen = _firstSeen,
        Forecast = _learned,
        Billing = _pool.Billing,
        HourMargin = _pool.Settings.Teardown.HourMargin,
        SingleUse = _pool.Settings.SingleUse,
        Kept = _keptUntil.Keys,
        Reserve = Stopped is null && !IsBlind && _pool.Settings.Reserve is { } schedule ? schedule.At(Now) : Reserve.None,
        Stopped = Stopped ?? QueueUnread,
        ProvisioningSuspended = ProvisioningSuspended,
    };

    private void Plan()
    {
        if (_jobs is null)
        {
            return;
        }

        var input = Input();
        var plan = PoolPlanner.Plan(input);
        foreach (var dispatch in plan.Dispatches)
        {
            Dispatch(dispatch);
        }

        if (_pool.Trouble is { IsProven: false } || (plan.Provisions.Count > 0 && !IsJournalProven))
        {
            ProbeJournal();
        }
        else if (plan.Provisions.Count > 0)
        {
            Buy([.. plan.Provisions.Select(p => (p.Why, p.Job?.Id))]);
        }

        if (QueueUnread is null || IsBlind)
        {
            // An outage that passes ends no reserve.
            KeepReserve(plan.Kept, input.Reserve.Until);
        }

        TellWaits(plan.Waits);

        // A held job, a held purchase and a held journal each want a plan when their time is up, though nothing else may happen then.
        var wake = Earliest(plan.WakeAt, plan.Waits.Count > 0 || input.Reserve.Count > 0 ? _gate.Until : null);
        wake = Earliest(wake, _pool.Trouble is { IsProven: false } trouble ? trouble.HeldUntil : null);
        wake = Earliest(wake, input.Reserve.Until < DateTimeOffset.MaxValue ? input.Reserve.Until : null);
        if (wake is { } at && at > Now)
        {
            Timers.StartSingleTimer(nameof(WakeUp), WakeUp.Instance, at - Now);
        }

        AdaptCadence();
    }

    /// <summary>Tells each job's reason for waiting once. A sentence that differs from the last in numbers and times only is the same reason.</summary>
    private void TellWaits(IReadOnlyList<PlannedWait> waits)
    {
        foreach (var wait in waits)
        {
            var told = _toldWaits.GetValueOrDefault(wait.Job.Key);
            if (told.Why == wait.Why)
            {
                continue;
            }

            var reason = string.Concat(wait.Why.Where(c => !char.IsAsciiDigit(c)));
            _toldWaits[wait.Job.Key] = (wait.Why, reason);
            if (told.Reason != reason)
            {
                Context.System.EventStream.Publish(
                    new PoolNotice(_pool.Settings.Name, Now, NoticeKind.JobWaits, $"{wait.Job} waits: {wait.Why}", JobId: wait.Job.Id));
            }
        }
    }

    private void Dispatch(PlannedDispatch dispatch)
    {
        var view = _views[dispatch.Worker];
        _assigning[dispatch.Worker] = dispatch.Job.Key;
        var known = _firstSeen.TryGetValue(dispatch.Job.Key, out var seen);
        var warm = view.JobsRun > 0 || (known && view.ReadyAt <= seen);
        Notice(NoticeKind.JobDispatched, $"{dispatch.Job} goes to {dispatch.Worker}", dispatch.Worker, dispatch.Job.Id);
        _children[dispatch.Worker].Tell(new Assign(dispatch.Job, warm, known ? seen : null));
    }

    /// <summary>Writes the names down before anything is bought (invariant W2).</summary>
    private void Buy(IReadOnlyList<(string Why, long? Job)> reasons, bool asked = false)
    {
        var events = reasons
            .Select(reason => new WorkerPlanned(Now, _pool.Ports.Names.Next(_pool.Settings.Ownership.Tag), reason.Why))
            .ToArray();
        Record(events, () =>
        {
            foreach (var (planned, reason) in events.Zip(reasons))
            {
                _totals = _totals with { WorkersPlanned = _totals.WorkersPlanned + 1, WorkersAskedFor = _totals.WorkersAskedFor + (asked ? 1 : 0) };
                _views[planned.Worker] = new WorkerView
                {
                    Name = planned.Worker,
                    Phase = WorkerPhase.Provisioning,
                    PlannedAt = planned.At,
                    Why = planned.Why,
                };
                Spawn(planned.Worker, resumed: false).Tell(new Provision(planned.Why));
                Notice(NoticeKind.WorkerPlanned, $"{planned.Worker} is bought: {planned.Why}", planned.Worker, reason.Job);
            }

            FollowWorkers();
        });
    }

    /// <summary>What a dispatch's end teaches about its job (invariants J5, J7).</summary>
    private void Remember(DispatchOutcome outcome)
    {
        var key = outcome.Assignment.Job.Key;
        if (_memory.TryGetValue(key, out var known) && known.EndedAt >= outcome.EndedAt)
        {
            return; // A worker's last word repeats its last outcome; another worker may have run the job since.
        }

        if (outcome.Kind is OutcomeKind.Completed or OutcomeKind.Cancelled)
        {
            _memory[key] = new JobMemory(outcome.EndedAt, outcome.EndedAt, 0, "");
            return;
        }

        var fruitless = (known?.Fruitless ?? 0) + 1;
        var wait = Timeouts.NoTaskHold.After(fruitless);
        var until = outcome.EndedAt + (outcome.RetryAfter > wait ? outcome.RetryAfter.Value : wait);
        var why = outcome.Kind == OutcomeKind.NoTask
            ? $"held until {until:HH:mm:ss 'UTC'}: Forgejo gave no task for it {fruitless} time(s); its concurrency group holds it, or another runner has it"
            : $"held until {until:HH:mm:ss 'UTC'}: {fruitless} dispatch(es) of it came to nothing, lastly: {outcome.Detail}";
        _memory[key] = new JobMemory(outcome.EndedAt, until, fruitless, why);
    }

    /// <summary>Forgets what no observation can speak of any more (invariant R7).</summary>
    private void ForgetOldJobs()
    {
        var listed = _jobs!.Jobs.Select(j => j.Key).ToHashSet();
        var old = Now - Timeouts.Memory;
        foreach (var key in _memory.Where(m => m.Value.EndedAt < old && m.Value.HeldUntil < Now && !listed.Contains(m.Key)).Select(m => m.Key).ToArray())
        {
            _memory.Remove(key);
        }

        foreach (var key in _firstSeen.Keys.Where(k => !listed.Contains(k)).ToArray())
        {
            _firstSeen.Remove(key);
            _toldWaits.Remove(key);
        }
    }

    private void AdaptCadence()
    {
        var anyBusy = _views.Values.Any(w => w.Current is not null);
        var anyWorker = _views.Count > 0 || _orphans.Count > 0;
        var anyIdle = _views.Values.Any(w => w.Phase == WorkerPhase.Idle);
        if (_idleCadence != anyIdle)
        {
            // A worker that is paid for and waits makes a fresh look at the queue worth its request: the next job starts at once.
            _idleCadence = anyIdle;
            _jobPoller.Tell(new Cadence(anyIdle));
        }

        if (_busyCadence != anyBusy)
        {
            _busyCadence = anyBusy;
            _runnerLister.Tell(new Cadence(anyBusy));
        }

        if (_workerCadence != anyWorker)
        {
            _workerCadence = anyWorker;
            _instanceLister.Tell(new Cadence(anyWorker));
        }
    }

    private bool _idleCadence;
    private bool _busyCadence;
    private bool _workerCadence;

    private static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;
}
