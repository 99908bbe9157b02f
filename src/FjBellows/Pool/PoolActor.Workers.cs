using Akka.Actor;
using Akka.Event;
using FjBellows.Providers;
using FjBellows.Workers;
using FjBellows.Workers.Reasons;
using static FjBellows.Jobs.ObserverActor;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>The workers: their reports and their death.</summary>
internal sealed partial class PoolActor
{
    private const int MostRecent = 200;
    private static readonly BackoffSettings Respawn = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    private readonly Dictionary<string, WorkerView> _views = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IActorRef> _children = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreported = new(StringComparer.Ordinal);
    private readonly Queue<DispatchOutcome> _recent = new();
    private readonly Dictionary<string, int> _deaths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _dismissed = new(StringComparer.Ordinal);

    private void ReceiveWorkers()
    {
        Command<Changed>(m => FromChild(m.View.Name, () => OnChanged(m)));
        Command<DispatchEnded>(m => FromChild(m.Outcome.Worker, () => OnDispatchEnded(m)));
        Command<AssignRefused>(m => FromChild(m.View.Name, () =>
        {
            _log.Debug("pool {Pool}: {Why}", _pool.Settings.Name, m.Why);
            if (_assigning.TryGetValue(m.View.Name, out var key) && key == m.Job)
            {
                _assigning.Remove(m.View.Name);
            }

            _views[m.View.Name] = m.View;
            Plan();
        }));
        Command<ProvisioningFailed>(OnProvisioningFailed);
        Command<Gone>(m => FromChild(m.Ledger.Worker, () => OnGone(m)));
        Command<Purged>(m =>
        {
            _children.Remove(m.Worker);
            Record([new WorkerPurged(Now, m.Worker)], () => { });
        });
        Command<Terminated>(OnTerminated);
        Command<RespawnDue>(m =>
        {
            if (!_children.ContainsKey(m.Worker) && (_journal.Live.ContainsKey(m.Worker) || _journal.Ended.ContainsKey(m.Worker)))
            {
                Spawn(m.Worker, resumed: true);
            }
        });
    }

    private IActorRef Spawn(string name, bool resumed)
    {
        var child = Context.ActorOf(WorkerActor.Props(_pool, name, resumed), $"worker-{name}");
        Context.Watch(child);
        _children[name] = child;
        return child;
    }

    /// <summary>A word of an actor that has been replaced belongs to the past (invariant W6).</summary>
    private void FromChild(string name, Action action)
    {
        if (_children.TryGetValue(name, out var child) && child.Equals(Sender))
        {
            action();
        }
    }

    private void OnChanged(Changed m)
    {
        var view = m.View;
        var before = _views.GetValueOrDefault(view.Name);
        _views[view.Name] = view;
        Context.System.EventStream.Publish(new WorkerChanged(_pool.Settings.Name, view));
        _unreported.Remove(view.Name);
        _deaths.Remove(view.Name);
        if (m.Recovered || (_assigning.TryGetValue(view.Name, out var key) && view.Current?.Job.Key == key))
        {
            _assigning.Remove(view.Name);
        }

        if (!m.Recovered && (before?.Phase != view.Phase || before?.InstanceId != view.InstanceId))
        {
            WorkerWrites();
        }

        if (before?.Phase != view.Phase && !(before is null && m.Recovered))
        {
            OnPhase(before, view);
        }

        if (view.Phase == WorkerPhase.Idle && before?.Phase != WorkerPhase.Idle)
        {
            _jobPoller.Tell(ObserveNow.Instance);
        }

        if (view is { Phase: WorkerPhase.Idle, OwnFailures: >= 2 } && _children.TryGetValue(view.Name, out var failing))
        {
            _views[view.Name] = view with { Linked = false };
            failing.Tell(new Drain(new RemovalReason.RepeatedFailures(view.OwnFailures)));
        }

        DrainForStop(view);
        Plan();
        CheckDrained();
    }

    private void OnPhase(WorkerView? before, WorkerView view)
    {
        if (before?.Phase == WorkerPhase.Provisioning && view.Phase == WorkerPhase.Idle)
        {
            _gate = ProvisioningBackoff.Open;
            _learned.LearnBoot(view.PlannedAt, view.ReadyAt ?? Now);
        }
        else if (before?.Phase == WorkerPhase.Provisioning && view is { Phase: WorkerPhase.Removing, InstanceId: not null } && _drain is null && !_dismissed.Contains(view.Name))
        {
            _totals = _totals with { BootFailures = _totals.BootFailures + 1 };
            _gate = _gate.After(CloudErrorKind.Transient, $"{view.Name} was bought and never became ready: {view.Why}", null, Now, Timeouts.CreateRetry, Jitter(view.Name));
            Notice(NoticeKind.Warning, $"{view.Name} never became ready and is removed: {view.Why}", view.Name);
            return;
        }

        Notice(NoticeKind.WorkerChanged, $"{view.Name} is {view.Phase}: {view.Why}", view.Name, view.Current?.Job.Id);
    }

    /// <summary>An outcome is repeated until it is recorded: the first word of it counts.</summary>
    private void OnDispatchEnded(DispatchEnded m)
    {
        var outcome = m.Outcome;
        if (_recording.Contains(outcome.Worker))
        {
            return;
        }

        if (_assigning.TryGetValue(outcome.Worker, out var key) && key == outcome.Assignment.Job.Key)
        {
            _assigning.Remove(outcome.Worker);
        }

        OnOutcome(outcome, m.Recovered || _recent.Any(o => o.Assignment.Dispatch == outcome.Assignment.Dispatch));
        Plan();
    }

    private void OnOutcome(DispatchOutcome outcome, bool recovered)
    {
        Remember(outcome);
        if (!recovered)
        {
            _learned.Learn(outcome);
            var counts = _totals.Outcomes.ToDictionary();
            counts[outcome.Kind] = counts.GetValueOrDefault(outcome.Kind) + 1;
            _totals = _totals with { Outcomes = counts };
            Context.System.EventStream.Publish(outcome);
            Notice(NoticeKind.JobEnded, $"{outcome.Assignment.Job} on {outcome.Worker}: {outcome.Kind}, {outcome.Detail}", outcome.Worker, outcome.Assignment.Job.Id);
        }

        if (!_recent.Any(o => o.Assignment.Dispatch == outcome.Assignment.Dispatch))
        {
            _recent.Enqueue(outcome);
            if (_recent.Count > MostRecent)
            {
                _recent.Dequeue();
            }
        }

        _recording.Add(outcome.Worker);
        Keep(outcome);
    }

    private void OnProvisioningFailed(ProvisioningFailed m)
    {
        _totals = _totals with { CreateFailures = _totals.CreateFailures + 1 };
        _gate = _gate.After(m.Kind, m.Message, m.RetryAfter, Now, Timeouts.CreateRetry, Jitter(m.Worker));
        Notice(NoticeKind.Warning, $"{m.Worker} could not be bought ({m.Kind}): {m.Message}; {_gate.Held(Now)}", m.Worker);
    }

    private void OnGone(Gone m)
    {
        var ledger = m.Ledger;
        _unreported.Remove(ledger.Worker);
        _assigning.Remove(ledger.Worker);
        _views.Remove(ledger.Worker);
        _dismissed.Remove(ledger.Worker);
        if (!m.Recovered)
        {
            WorkerWrites();
        }

        _keptUntil.Remove(ledger.Worker);
        if (!m.Recovered)
        {
            Context.System.EventStream.Publish(ledger);
        }

        if (!m.Recovered && ledger.InstanceId is not null)
        {
            _totals = _totals with
            {
                WorkersGone = _totals.WorkersGone + 1,
                MissedBoundaries = _totals.MissedBoundaries + ledger.MissedBoundaries,
                Paid = _totals.Paid + ledger.Paid,
                Busy = _totals.Busy + ledger.Busy,
            };
            Notice(
                ledger.MissedBoundaries > 0 ? NoticeKind.Warning : NoticeKind.WorkerGone,
                $"{ledger.Worker} is gone: {ledger.End}; {ledger.Jobs} job(s), paid {ledger.Paid}, busy {ledger.Busy}" +
                (ledger.MissedBoundaries > 0 ? $"; {ledger.MissedBoundaries} paid step(s) began for nothing because it could not be deleted in time (B5)" : ""),
                ledger.Worker);
        }

        else if (m.Recovered && !_journal.Ended.ContainsKey(ledger.Worker))
        {
            Notice(NoticeKind.WorkerGone, $"{ledger.Worker} is found to be gone after the restart: {ledger.End}", ledger.Worker);
        }

        _recording.Remove(ledger.Worker);
        if (_journal.Ended.ContainsKey(ledger.Worker))
        {
            // Its last word was kept before a restart; what its journal says now may be less.
            _children[ledger.Worker].Tell(Purge.Instance);
        }
        else
        {
            Keep(ledger);
        }

        Plan();
        FollowWorkers();
        CheckDrained();
    }

    private void OnTerminated(Terminated m)
    {
        var name = _children.FirstOrDefault(c => c.Value.Equals(m.ActorRef)).Key;
        if (name is null)
        {
            return;
        }

        // It did not end by itself. What it was doing is in its journal; until it has read that, it takes no job.
        _children.Remove(name);
        _keptUntil.Remove(name);
        if (_views.TryGetValue(name, out var view))
        {
            _views[name] = view with { Linked = false };
        }

        var deaths = _deaths[name] = _deaths.GetValueOrDefault(name) + 1;
        var due = new RespawnDue(name);
        Timers.StartSingleTimer(due, due, Respawn.After(deaths));
    }

    /// <summary>A number between 0 and 1 that differs between workers and is the same in a replay.</summary>
    private static double Jitter(string worker)
    {
        var hash = 2166136261u;
        foreach (var c in worker)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash / (double)uint.MaxValue;
    }

    private sealed record RespawnDue(string Worker);
}
