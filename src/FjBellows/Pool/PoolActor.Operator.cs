using Akka.Actor;
using FjBellows.Workers;
using FjBellows.Workers.Reasons;
using static FjBellows.Jobs.ObserverActor;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>The operator's word, and the way out.</summary>
internal sealed partial class PoolActor
{
    // Whoever waits asks again and again; the askers of long ago are gone.
    private const int MostAskers = 16;

    private DrainRequest? _drain;

    private void ReceiveOperator()
    {
        Command<GetStatus>(_ => Sender.Tell(Status()));
        Command<Pause>(m => Persisted(new PoolPaused(Now, m.By), $"paused by {m.By}"));
        Command<Resume>(m => Persisted(new PoolResumed(Now, m.By), $"resumed by {m.By}"));
        Command<Reconcile>(m =>
        {
            OpenGates();
            foreach (var (job, memory) in _memory.ToArray())
            {
                // Only the waiting is forgotten. What became of a job still says that an older view of the queue is outdated (invariants J5, W12).
                _memory[job] = memory with { HeldUntil = memory.EndedAt, Fruitless = 0 };
            }

            ObserveAll();
            Notice(NoticeKind.Operator, $"reconcile asked for by {m.By}: backoffs are forgotten and every source is asked anew");
            Sender.Tell(new Done("every source is asked anew"));
            Plan();
        });
        Command<ChangeSettings>(OnChangeSettings);
        Command<ProvisionWorkers>(OnProvisionWorkers);
        Command<ReapWorker>(m => WithWorker(m.Worker, (view, child) =>
        {
            if (!m.Force && (view.Current is not null || _assigning.ContainsKey(m.Worker)))
            {
                var job = view.Current?.Job.ToString() ?? "a job that it is just being given";
                Sender.Tell(new Refused($"{m.Worker} runs {job}; drain it, or force its removal and lose the job (W15)"));
                return;
            }

            _dismissed.Add(m.Worker);
            child.Tell(new Delete(new RemovalReason.RequestedByOperator(m.By)));
            Notice(NoticeKind.Operator, $"{m.Worker} is removed by {m.By}", m.Worker);
            Sender.Tell(new Done($"{m.Worker} is being removed"));
        }));
        Command<DrainWorker>(m => WithWorker(m.Worker, (_, child) =>
        {
            _dismissed.Add(m.Worker);
            child.Tell(new Drain(new RemovalReason.DrainedByOperator(m.By)));
            Notice(NoticeKind.Operator, $"{m.Worker} is drained by {m.By}", m.Worker);
            Sender.Tell(new Done($"{m.Worker} takes no further job"));
        }));
        Command<RunOnWorker>(m => WithWorker(m.Worker, (_, child) =>
        {
            // The command itself is nobody else's business, and may hold a secret (invariant S4).
            Notice(NoticeKind.Operator, $"{m.By} runs a command on {m.Worker}", m.Worker);
            child.Forward(new Execute(m.Command, m.Limit));
        }));
        Command<DrainPool>(OnDrainPool);
    }

    private void OpenGates()
    {
        _gate = ProvisioningBackoff.Open;
        ReconcileNetwork();
    }

    private void ObserveAll()
    {
        foreach (var observer in new[] { _jobPoller, _runnerLister, _instanceLister })
        {
            observer.Tell(ObserveAnew.Instance);
        }
    }

    /// <summary>Every actor of the pool reads its settings when it needs them; only what was timed by the old ones is timed anew.</summary>
    private void OnChangeSettings(ChangeSettings m)
    {
        if (m.Settings.Name != _pool.Settings.Name || m.Settings.Ownership != _pool.Settings.Ownership)
        {
            Sender.Tell(new Refused($"pool {_pool.Settings.Name} cannot become {m.Settings.Name} ({m.Settings.Ownership.Owner}); restart the daemon for another pool"));
            return;
        }

        var learns = _pool.Settings.Waiting.BuysAtOnce;
        _pool.Change(m.Settings, m.Ports);
        _learned.Expect(m.Settings.Waiting.ExpectedDuration);
        if (learns)
        {
            // A start without a budget had no use for the past.
            ReadPast();
        }

        foreach (var source in _sources.Keys.ToArray())
        {
            _sources[source] = _sources[source] with { StaleAfter = StaleAfter(source) };
        }

        foreach (var child in _children.Values)
        {
            child.Tell(SettingsChanged.Instance);
        }

        OpenGates();
        ObserveAll();
        Notice(NoticeKind.Operator, $"other settings are in force, by {m.By}");
        Sender.Tell(new Done("other settings are in force"));
        Plan();
    }

    private void Persisted(IPoolEvent @event, string message)
    {
        var asker = Sender;
        if (JournalHeld is { } held)
        {
            asker.Tell(new Refused($"{held}: {_pool.Trouble!.Why}. Until then nothing is bought or dispatched anyway; say it again later"));
            return;
        }

        Record([@event], () =>
        {
            Notice(NoticeKind.Operator, message);
            asker.Tell(new Done(message));
            Plan();
        });
    }

    private void WithWorker(string worker, Action<WorkerView, IActorRef> action)
    {
        if (_views.TryGetValue(worker, out var view) && _children.TryGetValue(worker, out var child))
        {
            action(view, child);
        }
        else
        {
            Sender.Tell(new Refused(
                $"there is no worker '{worker}' in pool {_pool.Settings.Name}; there are: {(_views.Count == 0 ? "none" : string.Join(", ", _views.Keys.Order(StringComparer.Ordinal)))}"));
        }
    }

    private void OnProvisionWorkers(ProvisionWorkers m)
    {
        var room = Math.Max(0, _pool.Settings.Max - _views.Count);
        if (Stopped is { } stopped || m.Count < 1 || room < m.Count || ProvisioningSuspended is not null)
        {
            Sender.Tell(new Refused(
                m.Count < 1 ? "ask for at least one worker"
                : Stopped ?? ProvisioningSuspended ?? $"scale.max is {_pool.Settings.Max} and {_views.Count} worker(s) exist: room for {room}"));
            return;
        }

        Sender.Tell(new Done($"{m.Count} worker(s) are bought"));
        Buy([.. Enumerable.Repeat(($"asked for by {m.By}", (long?)null), m.Count)], asked: true);
    }

    /// <summary>Nothing new; those being bought go first; busy ones end their jobs (invariant R4).</summary>
    private void OnDrainPool(DrainPool m)
    {
        var isNews = _drain is null || (m.Destroy && !_drain.Destroy);
        _drain = new DrainRequest(m.Destroy || _drain?.Destroy == true, [.. (_drain?.Askers ?? []).TakeLast(MostAskers - 1), Sender]);
        foreach (var view in _views.Values.OrderBy(v => v.Phase != WorkerPhase.Provisioning))
        {
            DrainForStop(view);
        }

        if (isNews)
        {
            Notice(NoticeKind.Operator, m.Destroy ? "draining, and destroying every worker" : "draining: running jobs end, nothing new is started");
            if (m.Destroy)
            {
                ReleaseNetwork();
            }
        }

        CheckDrained();
    }

    /// <summary>Passes the word to one worker. It is said whenever a worker reports while it holds: one that was still reading its journal, or
    /// was being bought, has not heard it.</summary>
    private void DrainForStop(WorkerView view)
    {
        if (_drain is { } drain && _children.TryGetValue(view.Name, out var child)
            && (view.Phase == WorkerPhase.Provisioning || (drain.Destroy && view.Phase is WorkerPhase.Idle or WorkerPhase.Busy)))
        {
            child.Tell(new Drain(new RemovalReason.PoolDrained()));
        }
    }

    private void CheckDrained()
    {
        if (_drain is not { Askers.Count: > 0 } drain)
        {
            return;
        }

        var pending = drain.Destroy
            ? _views.Count + (NetworkPending ? 1 : 0)
            : _views.Values.Count(v => v.Current is not null || v.Phase is WorkerPhase.Provisioning or WorkerPhase.Removing or WorkerPhase.Draining);
        if (pending == 0 && _assigning.Count == 0 && _unreported.Count == 0)
        {
            foreach (var asker in drain.Askers)
            {
                asker.Tell(new Drained(_views.Count));
            }

            _drain = drain with { Askers = [] };
        }
    }

    private PoolStatus Status() => new()
    {
        Name = _pool.Settings.Name,
        At = Now,
        Provider = _pool.Ports.Cloud.Name,
        Billing = _pool.Billing,
        Labels = [.. _pool.Settings.Labels.Labels.Select(l => l.Text)],
        Max = _pool.Settings.Max,
        PausedBy = _journal.PausedBy,
        Recovered = _unreported.Count == 0,
        Draining = _drain is not null,
        ProvisioningSuspended = ProvisioningSuspended,
        Workers = [.. _views.Values.OrderBy(v => v.PlannedAt).ThenBy(v => v.Name, StringComparer.Ordinal)],
        Waiting = [.. PoolPlanner.Plan(Input()).Waits.Select(w => new JobWait(w.Job, _firstSeen.GetValueOrDefault(w.Job.Key, Now), w.Why))],
        Recent = [.. _recent],
        Sources = [.. _sources.Values],
        Totals = _totals,
        JournalLatency = _journalLatency,
    };

    private sealed record DrainRequest(bool Destroy, IReadOnlyList<IActorRef> Askers);
}
