using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Pool.RecordProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>Turns on what must not be forgotten: outcomes and ledgers on their way into the history, and the journal's health.</summary>
internal static class RecordTurns
{
    /// <summary>The longest a call of the history may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>How often the history is pruned.</summary>
    public static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);

    /// <summary>Stores an outcome.</summary>
    public static void Keep(Turn t, DispatchOutcome outcome)
    {
        var history = t.Pool.Ports.History;
        t.Do(new PoolEffect.Call(
            Limit,
            async token =>
            {
                await history.AppendAsync(outcome, token).ConfigureAwait(false);
                return new OutcomeKept(outcome);
            },
            e => new OutcomeRefused(outcome, history.Explain(e))));
    }

    /// <summary>Stores a ledger.</summary>
    public static void Keep(Turn t, WorkerLedger ledger)
    {
        var history = t.Pool.Ports.History;
        t.Do(new PoolEffect.Call(
            Limit,
            async token =>
            {
                await history.AppendAsync(ledger, token).ConfigureAwait(false);
                return new LedgerKept(ledger);
            },
            e => new LedgerRefused(ledger, history.Explain(e))));
    }

    /// <summary>An outcome is stored.</summary>
    public static void Kept(Turn t, OutcomeKept m)
    {
        t.ChangeJournal(j => j.Written(t.Now));
        Recorded(t, m.Outcome);
    }

    /// <summary>A ledger is stored.</summary>
    public static void Kept(Turn t, LedgerKept m)
    {
        t.ChangeJournal(j => j.Written(t.Now));
        End(t, m.Ledger);
    }

    /// <summary>An outcome was refused: for its content it is dropped, otherwise stored again later.</summary>
    public static void Refused(Turn t, OutcomeRefused m)
    {
        if (Dropped(t, m.Error, $"the outcome of {m.Outcome.Assignment.Dispatch}", m.Outcome.Worker))
        {
            Recorded(t, m.Outcome);
            return;
        }

        Again(t, m.Error, new KeepOutcome(m.Outcome));
    }

    /// <summary>A ledger was refused: for its content it is dropped, otherwise stored again later.</summary>
    public static void Refused(Turn t, LedgerRefused m)
    {
        if (Dropped(t, m.Error, $"the ledger of {m.Ledger.Worker}", m.Ledger.Worker))
        {
            End(t, m.Ledger);
            return;
        }

        Again(t, m.Error, new KeepLedger(m.Ledger));
    }

    /// <summary>A worker's write was refused.</summary>
    public static void WorkerRefused(Turn t, WorkerActor.JournalRefused m) => Hold(t, HistoryRefusal.Connection, m.Why, byWorker: true);

    /// <summary>The store answered the probe.</summary>
    public static void Probed(Turn t, Probed m)
    {
        if (m.Error is { } error)
        {
            Hold(t, error.Refusal, error.Message);
        }
        else
        {
            t.ChangeJournal(j => j.Probed(t.Now));
        }
    }

    /// <summary>Writes something that nothing depends on, if it is time to: a write that the pool needs and that is refused ends every
    /// connection to running jobs.</summary>
    public static void Probe(Turn t)
    {
        if (t.Pool.JournalHealth.WantsProbe(t.Now))
        {
            t.ChangeJournal(j => j.Probe());
            var history = t.Pool.Ports.History;
            t.Do(new PoolEffect.Call(
                Limit,
                async token =>
                {
                    await history.ProbeAsync(token).ConfigureAwait(false);
                    return new Probed(null);
                },
                e => new Probed(history.Explain(e))));
        }
    }

    /// <summary>The history is to be pruned.</summary>
    public static void Prune(Turn t)
    {
        var (history, before) = (t.Pool.Ports.History, t.Now - t.Settings.HistoryRetention);
        t.Do(new PoolEffect.Call(
            Limit,
            async token =>
            {
                await history.PruneAsync(before, token).ConfigureAwait(false);
                return null;
            },
            e => new LeftoverFailed("old history", e.Message)));
    }

    private static void Recorded(Turn t, DispatchOutcome outcome)
    {
        t.Change(outcome.Worker, w => w with { Recording = w.Recording == outcome.Assignment.Dispatch ? null : w.Recording });
        t.Tell(outcome.Worker, new OutcomeRecorded(outcome.Assignment.Dispatch));
    }

    private static void End(Turn t, WorkerLedger ledger) => t.Persist(
        then => then.Tell(ledger.Worker, Purge.Instance),
        new WorkerEnded(t.Now, ledger.Worker)
        {
            Jobs = ledger.Jobs,
            NeverCreated = ledger.InstanceId is null,
            MayAppear = ledger.InstanceId is null && t.Known.Find(ledger.Worker) is { MayAppear: true },
        });

    private static bool Dropped(Turn t, HistoryRefusedException error, string what, string worker)
    {
        if (error.Refusal != HistoryRefusal.Content)
        {
            return false;
        }

        t.ChangeJournal(j => j.Refused(error.Refusal, error.Message, t.Now));
        t.Notice(
            NoticeKind.Warning, "record_dropped", "dropped {What}, which the store refuses for its content: {Error}",
            [what, error.Message], worker);
        return true;
    }

    private static void Again(Turn t, HistoryRefusedException error, object message)
    {
        Hold(t, error.Refusal, error.Message);
        t.Do(new PoolEffect.Later(message, message, JournalHealth.Retry.After(t.Pool.JournalHealth.Failures)));
    }

    /// <summary>A journal that cannot be written stops provisioning and dispatch for a while, and is reported; nothing that runs is touched
    /// (invariant R5).</summary>
    private static void Hold(Turn t, HistoryRefusal refusal, string why, bool byWorker = false)
    {
        t.ChangeJournal(j => j.Refused(refusal, why, t.Now, byWorker));
        if (t.Pool.JournalHealth.Hold is { } hold)
        {
            t.Notice(
                NoticeKind.Warning, "journal_unavailable",
                "journal write failed: {Error}; provisioning and dispatch suspended until {Until}; running jobs continue",
                [why, hold.RetryAt.UtcDateTime.ToString("HH:mm:ss 'UTC'", System.Globalization.CultureInfo.InvariantCulture)]);
        }
    }
}
