using FjBellows.Workers;
using FjBellows.Workers.Reasons;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>Turns on what operators and embedders ask for, and on the stop of the daemon.</summary>
internal static class OperatorTurns
{
    /// <summary>Pause.</summary>
    public static void Pause(Turn t, Pause m) => Persisted(t, new PoolPaused(t.Now, m.By), "paused", "paused by {Caller}", m.By);

    /// <summary>Resume.</summary>
    public static void Resume(Turn t, Resume m) => Persisted(t, new PoolResumed(t.Now, m.By), "resumed", "resumed by {Caller}", m.By);

    /// <summary>Reset backoffs and refresh every source.</summary>
    public static void Reconcile(Turn t, Reconcile m)
    {
        OpenGates(t);

        // Only the waiting is forgotten. What became of a job still says that an older view of the queue is outdated (invariants J5, W12).
        t.Known = t.Known with
        {
            Jobs = t.Known.Jobs.SetItems(
                t.Known.Jobs.Select(j => KeyValuePair.Create(j.Key, j.Value with { Backoff = j.Value.Backoff.Reset() }))),
        };
        ObserveAll(t);
        t.Notice(NoticeKind.Operator, "reconciled", "reconcile requested by {Caller}: backoffs reset, refreshing all sources", [m.By]);
        t.Reply(new Done("backoffs reset, refreshing all sources"));
    }

    /// <summary>Go on with other settings. Every actor of the pool reads its settings when it needs them; only what was timed by the old
    /// ones is timed again.</summary>
    public static void ChangeSettings(Turn t, ChangeSettings m)
    {
        var before = t.Settings;
        if (m.Settings.Name != before.Name || m.Settings.Ownership != before.Ownership)
        {
            t.Reply(new CommandRefused(
                $"pool {before.Name} cannot become {m.Settings.Name} ({m.Settings.Ownership.Owner}); restart the daemon for another pool"));
            return;
        }

        t.Pool.Change(m.Settings, m.Ports);
        t.Memory.Learned.Expect(m.Settings.Waiting.ExpectedDuration);
        if (before.Waiting.ProvisionsAtOnce)
        {
            // A start without a budget had no use for the past.
            StartTurns.ReadPast(t);
        }

        t.Known = t.Known with
        {
            Sources = t.Known.Sources.SetItems(
                t.Known.Sources.Select(
                    s => KeyValuePair.Create(s.Key, s.Value with { StaleAfter = StartTurns.StaleAfter(m.Settings, s.Key) }))),
        };
        foreach (var worker in t.Known.Workers.Values.Where(w => w.Runs))
        {
            t.Tell(worker.Name, SettingsChanged.Instance);
        }

        OpenGates(t);
        ObserveAll(t);
        t.Notice(NoticeKind.Operator, "settings_reloaded", "settings reloaded by {Caller}", [m.By]);
        t.Reply(new Done("settings reloaded"));
    }

    /// <summary>Provision workers for which no job waits.</summary>
    public static void ProvisionWorkers(Turn t, ProvisionWorkers m)
    {
        var existing = t.Known.Workers.Values.Count(w => w.Exists);
        var room = Math.Max(0, t.Settings.Max - existing);
        var refusal = m.Count < 1 ? "ask for at least one worker"
            : PlanTurn.Stopped(t)?.ToString() ?? PlanTurn.HoldOf(t)?.ToString()
                ?? (room < m.Count
                    ? $"scale.max is {t.Settings.Max} and {ReasonText.Count(existing, "worker")} exist: room for {room}"
                    : null);
        if (refusal is not null)
        {
            t.Reply(new CommandRefused(refusal));
            return;
        }

        t.Reply(new Done($"{ReasonText.Count(m.Count, "worker")} provisioning"));
        PlanTurn.Provision(
            t, [.. Enumerable.Repeat(new PlannedProvision(null, new ProvisionReason.Requested(m.By)), m.Count)], uncounted: true);
    }

    /// <summary>Delete a worker.</summary>
    public static void Delete(Turn t, DeleteWorker m)
    {
        if (Running(t, m.Worker) is not { } worker)
        {
            return;
        }

        if (!m.Force && (worker.View!.Current is not null || worker.Assigning is not null))
        {
            t.Reply(new CommandRefused(
                $"{m.Worker} runs {worker.View.Current?.Job.ToString() ?? "a job that is just being assigned"}; drain it, or use " +
                $"--force and lose the job"));
            return;
        }

        t.Change(m.Worker, w => w with { EndRequested = true });
        t.Tell(m.Worker, new WorkerProtocol.Delete(new RemovalReason.RequestedByOperator(m.By)));
        t.Notice(NoticeKind.Operator, "worker_deleted", "{Worker} is deleted by {Caller}", [m.Worker, m.By], m.Worker);
        t.Reply(new Done($"{m.Worker} is being deleted"));
    }

    /// <summary>Drain a worker.</summary>
    public static void Drain(Turn t, DrainWorker m)
    {
        if (Running(t, m.Worker) is not null)
        {
            t.Change(m.Worker, w => w with { EndRequested = true });
            t.Tell(m.Worker, new WorkerProtocol.Drain(new RemovalReason.DrainedByOperator(m.By)));
            t.Notice(NoticeKind.Operator, "worker_drained", "{Worker} is drained by {Caller}", [m.Worker, m.By], m.Worker);
            t.Reply(new Done($"{m.Worker} takes no further job"));
        }
    }

    /// <summary>Stop counting a worker that cannot be deleted, or whose journal cannot be read.</summary>
    public static void Release(Turn t, ReleaseWorker m)
    {
        var worker = t.Known.Find(m.Worker);
        if (worker is not ({ Unreadable: true } or { View.Phase: WorkerPhase.Removing }))
        {
            t.Reply(new CommandRefused(worker is null ? NoSuch(t, m.Worker)
                : $"{m.Worker} is neither being deleted nor unreadable; drain or delete it"));
            return;
        }

        t.Change(m.Worker, w => w with { Released = true });
        var answer = worker.Unreadable
            ? $"{m.Worker} no longer counts towards scale.max; its instance is deleted as an orphan"
            : $"{m.Worker} no longer counts towards scale.max; its deletion goes on";
        t.Notice(
            NoticeKind.Operator, "worker_released", "{Worker} released by {Caller}: it no longer counts towards scale.max",
            [m.Worker, m.By], m.Worker);
        if (!worker.Unreadable)
        {
            t.Reply(new Done(answer));
            return;
        }

        var asker = t.Sender;
        t.Persist(
            then => then.Do(new PoolEffect.Reply(asker, new Done(answer))), new WorkerEnded(t.Now, m.Worker),
            new WorkerPurged(t.Now, m.Worker));
    }

    /// <summary>Run a command on a worker.</summary>
    public static void RunOnWorker(Turn t, RunOnWorker m)
    {
        if (Running(t, m.Worker) is not null)
        {
            // The command itself is the operator's business, and may hold a secret (invariant S4).
            t.Notice(NoticeKind.Operator, "command_run", "{Caller} runs a command on {Worker}", [m.By, m.Worker], m.Worker);
            t.Do(new PoolEffect.TellWorker(m.Worker, new Execute(m.Command, m.Limit), t.Sender));
        }
    }

    /// <summary>Nothing new; those provisioning go first; busy ones end their jobs (invariant R4).</summary>
    public static void DrainPool(Turn t, DrainPool m)
    {
        var before = t.Known.Drain;
        t.Known = t.Known with { Drain = DrainProgress.With(before, m.DeleteWorkers, t.Sender) };
        foreach (var view in t.Known.Views.OrderBy(v => v.Phase != WorkerPhase.Provisioning))
        {
            DrainForStop(t, view);
        }

        if (before is null || (m.DeleteWorkers && !before.DeleteWorkers))
        {
            t.Notice(
                NoticeKind.Operator, "draining",
                m.DeleteWorkers ? "draining and deleting all workers" : "draining: running jobs finish, nothing new starts", []);
            if (m.DeleteWorkers)
            {
                NetworkTurns.Release(t);
            }
        }
    }

    /// <summary>Drains one worker for a stop. Repeated whenever a worker reports meanwhile: one that was still reading its journal has not
    /// heard it.</summary>
    public static void DrainForStop(Turn t, WorkerView view)
    {
        if (t.Known.Drain is { } drain && drain.Ends(view) && t.Known.Find(view.Name) is { Runs: true })
        {
            t.Tell(view.Name, new WorkerProtocol.Drain(new RemovalReason.PoolDrained()));
        }
    }

    /// <summary>Answers those who wait for the end of a drain, once it is over.</summary>
    public static void CheckDrained(Turn t)
    {
        if (t.Known.Drain is { Askers.IsEmpty: false } drain && drain.IsOver(t.Known))
        {
            foreach (var asker in drain.Askers)
            {
                t.Do(new PoolEffect.Reply(asker, new Drained(t.Known.Views.Count())));
            }

            t.Known = t.Known with { Drain = drain with { Askers = [] } };
        }
    }

    private static void OpenGates(Turn t)
    {
        t.Known = t.Known with
        {
            Provisioning = ProvisioningBackoff.Open,
            Dispatching = DispatchBreaker.Closed,
            Forgiven = PlanTurn.Forgiveness(t),
        };
        NetworkTurns.Reconcile(t);
    }

    private static void ObserveAll(Turn t)
    {
        foreach (var source in (PoolSource[])[PoolSource.Jobs, PoolSource.Runners, PoolSource.Instances])
        {
            t.Do(new PoolEffect.TellObserver(source, ObserverActor.ObserveAnew.Instance));
        }
    }

    private static void Persisted(Turn t, IPoolEvent @event, string code, string template, string by)
    {
        var asker = t.Sender;
        if (t.Pool.JournalHealth.Hold is { } held)
        {
            t.Reply(new CommandRefused($"{held}. Until then nothing is provisioned or dispatched anyway; repeat the command later"));
            return;
        }

        t.Persist(
            then =>
            {
                then.Notice(NoticeKind.Operator, code, template, [by]);
                then.Do(new PoolEffect.Reply(asker, new Done($"{code} by {by}")));
            },
            @event);
    }

    /// <summary>A worker that can take a command; null where there is none, which is then the answer.</summary>
    private static KnownWorker? Running(Turn t, string name)
    {
        if (t.Known.Find(name) is { Runs: true, View: not null } worker)
        {
            return worker;
        }

        t.Reply(new CommandRefused(NoSuch(t, name)));
        return null;
    }

    private static string NoSuch(Turn t, string name)
    {
        var known = t.Known.Views.Select(v => v.Name).Order(StringComparer.Ordinal).ToArray();
        return $"there is no worker '{name}' in pool {t.Settings.Name}; there are: " +
            $"{(known.Length == 0 ? "none" : string.Join(", ", known))}";
    }
}
