using FjBellows.Time;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>Turns on workers' reports: their changes and their end.</summary>
internal static class WorkerTurns
{
    private static readonly BackoffSettings Respawn = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
    private const int UnreadableAfter = 3;

    /// <summary>A worker's state changed.</summary>
    public static void Changed(Turn t, Changed m)
    {
        var view = m.View;
        var before = t.Known.Find(view.Name)?.View;
        t.Do(new PoolEffect.Publish(new WorkerChanged(t.Settings.Name, view)));
        var answered = m.Recovered;
        t.Change(view.Name, w =>
        {
            answered |= w.Assigning is { } key && view.Current?.Job.Key == key;
            // Only a step that was written tells that its journal works: one that recovers and dies at its next write comes later and
            // later.
            return w.With(view, t.Now) with { Assigning = answered ? null : w.Assigning, Deaths = m.Recovered ? w.Deaths : 0 };
        });
        if (!m.Recovered && (before?.Phase != view.Phase || before?.InstanceId != view.InstanceId))
        {
            t.ChangeJournal(j => j.WrittenByWorker(t.Now));
        }

        if (before is { InstanceId: null } && view.InstanceId is not null)
        {
            t.Known = t.Known with { Provisioning = t.Known.Provisioning.Created() };
            ReportClock(t);
        }

        if (before?.Phase != view.Phase && !(before is null && m.Recovered))
        {
            OnPhase(t, before, view);
        }

        if (view.Phase == WorkerPhase.Idle && before?.Phase != WorkerPhase.Idle)
        {
            t.Do(new PoolEffect.TellObserver(PoolSource.Jobs, ObserverActor.ObserveNow.Instance));
        }

        OperatorTurns.DrainForStop(t, view);
    }

    /// <summary>A worker did not take a job.</summary>
    public static void AssignRefused(Turn t, AssignRefused m) =>
        t.Change(m.View.Name, w => w.With(m.View, t.Now) with { Assigning = w.Assigning == m.Job ? null : w.Assigning });

    /// <summary>A create call failed.</summary>
    public static void ProvisioningFailed(Turn t, ProvisioningFailed m)
    {
        t.Known = t.Known with
        {
            Totals = t.Known.Totals with { CreateFailures = t.Known.Totals.CreateFailures + 1 },
            Provisioning = t.Known.Provisioning.CreateFailed(
                m.Kind, m.Message, m.RetryAfter, t.Now, t.Settings.Timeouts.CreateRetry, Jitter(m.Worker)),
        };
        t.Change(m.Worker, w => w with { MayAppear = m.MayAppear });
        t.Notice(
            NoticeKind.Warning, "create_failed", "failed to create {Worker} ({Kind}): {Error}; {Hold}",
            [m.Worker, m.Kind, m.Message, t.Known.Provisioning.HoldAt(t.Now)?.ToString() ?? "trying again"], m.Worker);
    }

    /// <summary>A worker is proven absent, or was never created.</summary>
    public static void Gone(Turn t, Gone m)
    {
        var ledger = m.Ledger;
        t.Change(ledger.Worker, w => w with { View = null, Gone = true, Assigning = null, Recording = null, KeptUntil = null });
        if (!m.Recovered)
        {
            t.ChangeJournal(j => j.WrittenByWorker(t.Now));
            t.Do(new PoolEffect.Publish(ledger));
        }

        if (!m.Recovered && ledger.InstanceId is not null)
        {
            Count(t, ledger);
        }
        else if (m.Recovered && !t.Journal.Ended.ContainsKey(ledger.Worker))
        {
            t.Notice(
                NoticeKind.WorkerGone, "worker_gone", "{Worker} ended while the daemon was away: {End}", [ledger.Worker, ledger.End],
                ledger.Worker);
        }

        if (t.Journal.Ended.ContainsKey(ledger.Worker))
        {
            // Its ledger was stored before a restart; what its journal says now may be less.
            t.Tell(ledger.Worker, Purge.Instance);
        }
        else
        {
            RecordTurns.Keep(t, ledger);
        }

        NetworkTurns.FollowWorkers(t);
    }

    /// <summary>A worker's journal is forgotten, and with it the worker.</summary>
    public static void Purged(Turn t, Purged m)
    {
        t.Known = t.Known.Without(m.Worker);
        t.Persist(_ => { }, new WorkerPurged(t.Now, m.Worker));
    }

    /// <summary>A worker's actor ended without being asked to. What it was doing is in its journal; until it has read that, it takes no
    /// job.</summary>
    public static void Died(Turn t, string worker)
    {
        t.Change(
            worker, w => w with
            {
                Runs = false,
                Deaths = w.Deaths + 1,
                KeptUntil = null,
                View = w.View is { } view ? view with { Usable = false } : null,
            });
        if (t.Known.Find(worker) is not { } known)
        {
            return;
        }

        if (known is { IsAwaited: true, Deaths: >= UnreadableAfter } && t.Pool.JournalHealth.Hold is null)
        {
            t.Change(worker, w => w with { Unreadable = true });
            t.Notice(
                NoticeKind.Warning, "worker_unreadable",
                "cannot read the journal of {Worker}; the pool goes on without it and tries again. If it stays so, run 'fj-bellows " +
                "release {Worker}': " +
                "its instance is then deleted once its runner is not active", [worker, worker], worker);
        }

        var due = new RespawnDue(worker);
        t.Do(new PoolEffect.Later(due, due, Respawn.After(known.Deaths)));
    }

    /// <summary>It is time to start a worker's actor again.</summary>
    public static void RespawnDue(Turn t, RespawnDue m)
    {
        if (t.Known.Find(m.Worker) is { Runs: false } && (t.Journal.Live.ContainsKey(m.Worker) || t.Journal.Ended.ContainsKey(m.Worker)))
        {
            t.Change(m.Worker, w => w with { Runs = true });
            t.Do(new PoolEffect.Spawn(m.Worker, Resumed: true));
        }
    }

    /// <summary>A number between 0 and 1 that differs between names and is the same in a replay.</summary>
    public static double Jitter(string name)
    {
        var hash = 2166136261u;
        foreach (var c in name)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return hash / (double)uint.MaxValue;
    }

    private static void OnPhase(Turn t, WorkerView? before, WorkerView view)
    {
        if (before?.Phase == WorkerPhase.Provisioning && view.Phase == WorkerPhase.Idle)
        {
            t.Known = t.Known with { Provisioning = t.Known.Provisioning.BecameReady() };
            t.Memory.Learned.LearnBoot(view.PlannedAt, view.ReadyAt ?? t.Now);
        }
        else if (before?.Phase == WorkerPhase.Provisioning && view is { Phase: WorkerPhase.Removing, InstanceId: not null }
            && t.Known.Drain is null && t.Known.Find(view.Name) is { EndRequested: false })
        {
            var wasOpen = t.Known.Provisioning.NeverReady >= ProvisioningBackoff.NeverReadyLimit;
            t.Known = t.Known with
            {
                Totals = t.Known.Totals with { BootFailures = t.Known.Totals.BootFailures + 1 },
                Provisioning = t.Known.Provisioning.BecameNeverReady($"{view.Name}: {view.Why}", t.Now, t.Settings.Timeouts.CreateRetry),
            };
            t.Notice(
                NoticeKind.Warning, "never_ready", "{Worker} did not become ready, deleting it: {Reason}", [view.Name, view.Why],
                view.Name);
            if (!wasOpen && t.Known.Provisioning.HoldAt(t.Now) is ProvisioningHold.NeverReady { IsBreaker: true } hold)
            {
                t.Notice(NoticeKind.Warning, "provisioning_suspended", "{Hold}", [hold.ToString()]);
            }

            return;
        }

        t.Notice(
            NoticeKind.WorkerChanged, "worker_phase", "{Worker} is {Phase}: {Reason}", [view.Name, view.Phase, view.Why], view.Name,
            view.Current?.Job.Id);
    }

    /// <summary>Reports a clock difference that matters, and again when it is another one (invariant B8).</summary>
    public static void ReportClock(Turn t)
    {
        var difference = t.Pool.CloudClock;
        if (difference.IsReportable && (difference.Difference - t.Known.ReportedClock).Duration() > CloudClock.ReportAbove)
        {
            t.Known = t.Known with { ReportedClock = difference.Difference };
            t.Notice(
                NoticeKind.Warning, "cloud_clock",
                "the cloud's clock is {Difference} {Direction} this host's; billing is corrected for it. Check the time synchronization " +
                "of this host",
                [Durations.Text(difference.Difference.Duration()), difference.Difference > TimeSpan.Zero ? "ahead of" : "behind"]);
        }
    }

    private static void Count(Turn t, WorkerLedger ledger)
    {
        var totals = t.Known.Totals;
        t.Known = t.Known with
        {
            Totals = totals with
            {
                WorkersGone = totals.WorkersGone + 1,
                MissedBoundaries = totals.MissedBoundaries + ledger.MissedBoundaries,
                Billed = totals.Billed + ledger.Billed,
                Busy = totals.Busy + ledger.Busy,
            },
        };
        const string Template = "{Worker} terminated: {End}; {Jobs}, billed {Billed}, busy {Busy}";
        object?[] values =
            [ledger.Worker, ledger.End, ReasonText.Count(ledger.Jobs, "job"), Durations.Text(ledger.Billed), Durations.Text(ledger.Busy)];
        if (ledger.MissedBoundaries is > 0 and var missed)
        {
            t.Notice(
                NoticeKind.Warning, "worker_gone", Template + "; billed {Extra} because deletion did not finish in time",
                [.. values, ReasonText.Count(missed, "extra period")], ledger.Worker);
        }
        else
        {
            t.Notice(NoticeKind.WorkerGone, "worker_gone", Template, values, ledger.Worker);
        }
    }
}

/// <summary>It is time to start a worker's actor again.</summary>
/// <param name="Worker">Its name.</param>
internal sealed record RespawnDue(string Worker);
