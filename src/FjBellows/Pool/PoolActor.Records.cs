using Akka.Actor;
using FjBellows.Dispatch;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>What must not be forgotten: outcomes and ledgers on their way into the history, and the hold while nothing can be written.</summary>
internal sealed partial class PoolActor
{
    private static readonly BackoffSettings JournalHold = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
    private static readonly TimeSpan HistoryLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan ProvenFor = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _recording = new(StringComparer.Ordinal);
    private DateTimeOffset? _writtenAt;
    private bool _probing;
    private bool _workersCannotWrite;

    /// <summary>True when the journal was written so shortly ago that a purchase may depend on it.</summary>
    private bool IsJournalProven => _writtenAt is { } at && Now - at < ProvenFor;

    /// <summary>Why nothing may depend on the journal now; null when things may.</summary>
    private string? JournalHeld => _pool.Trouble is { IsProven: false } trouble ? $"the journal cannot be written; tried again at {trouble.HeldUntil:HH:mm:ss 'UTC'} (R5)" : null;

    private void ReceiveRecords()
    {
        Command<WorkerActor.JournalRefused>(m =>
        {
            _workersCannotWrite = true;
            HoldForJournal(m.Why);
        });
        Command<OutcomeKept>(m =>
        {
            JournalWorks();
            _recording.Remove(m.Worker);
            if (_children.TryGetValue(m.Worker, out var child))
            {
                child.Tell(new OutcomeRecorded(m.Dispatch));
            }

            Plan();
        });
        Command<LedgerKept>(m =>
        {
            JournalWorks();
            Record([new WorkerEnded(Now, m.Worker)], () =>
            {
                if (_children.TryGetValue(m.Worker, out var child))
                {
                    child.Tell(Purge.Instance);
                }
            });
        });
        Command<HistoryRefused>(m =>
        {
            HoldForJournal(m.Error.Message);
            Timers.StartSingleTimer(m.Again, m.Again, JournalHold.After(_pool.Trouble!.Failures));
        });
        Command<Probed>(m =>
        {
            _probing = false;
            if (m.Error is { } error)
            {
                HoldForJournal(error.Message);
                return;
            }

            JournalWorks();
            if (_pool.Trouble is { } trouble)
            {
                // Its workers met the refusal, and they alone can tell that it is over: they are let try.
                _pool.Trouble = trouble with { IsProven = true };
            }

            Plan();
        });
        Command<PruneDue>(_ => _calls.Send(
            HistoryLimit,
            token => _pool.Ports.History.PruneAsync(Now - _pool.Settings.HistoryRetention, token),
            () => null,
            e => new LeftoverFailed("the history's oldest part", e)));
        Command<KeepOutcome>(m => Keep(m.Outcome));
        Command<KeepLedger>(m => Keep(m.Ledger));
    }

    private void Keep(DispatchOutcome outcome) => _calls.Send(
        HistoryLimit,
        token => _pool.Ports.History.AppendAsync(outcome, token),
        () => new OutcomeKept(outcome.Worker, outcome.Assignment.Dispatch),
        e => new HistoryRefused(new KeepOutcome(outcome), e));

    private void Keep(WorkerLedger ledger) => _calls.Send(
        HistoryLimit,
        token => _pool.Ports.History.AppendAsync(ledger, token),
        () => new LedgerKept(ledger.Worker),
        e => new HistoryRefused(new KeepLedger(ledger), e));

    /// <summary>A journal that cannot be written stops purchases and dispatches for a while, and is told; nothing that runs is touched (invariant R5).</summary>
    private void HoldForJournal(string why)
    {
        var trouble = TakeNote(why);
        _sources[PoolSource.Journal] = _sources[PoolSource.Journal] with { Error = why };
        Notice(NoticeKind.Warning, $"the journal cannot be written: {why}. Nothing is bought or dispatched before {trouble.HeldUntil:HH:mm:ss 'UTC'}; running jobs go on (R5)");
        Plan();
    }

    private PoolRuntime.JournalTrouble TakeNote(string why)
    {
        _writtenAt = null;
        var failures = (_pool.Trouble?.Failures ?? 0) + 1;
        return _pool.Trouble = new PoolRuntime.JournalTrouble(failures, Now + JournalHold.After(failures), why);
    }

    /// <summary>Finds out whether the journal can be written, by a write that nothing depends on: one that the pool needs and that is refused
    /// ends every connection to running jobs.</summary>
    private void ProbeJournal()
    {
        if (!_probing && !(_pool.Trouble is { IsProven: false } trouble && trouble.HeldUntil > Now))
        {
            _probing = true;
            _calls.Send(HistoryLimit, _pool.Ports.History.ProbeAsync, () => new Probed(null), e => new Probed(e));
        }
    }

    /// <summary>A worker wrote down a step of its life.</summary>
    private void WorkerWrites()
    {
        if (_workersCannotWrite)
        {
            _workersCannotWrite = false;
            JournalWorks();
        }
    }

    private void JournalWorks()
    {
        _writtenAt = Now;
        if (_workersCannotWrite)
        {
            return; // The pool's own writes say nothing about its workers': their hold goes on doubling.
        }

        _pool.Trouble = null;
        _sources[PoolSource.Journal] = _sources[PoolSource.Journal] with { LastSuccess = Now, Error = null };
    }

    private sealed record PruneDue
    {
        public static readonly PruneDue Instance = new();
    }

    private sealed record Probed(Exception? Error);

    private sealed record OutcomeKept(string Worker, DispatchId Dispatch);

    private sealed record LedgerKept(string Worker);

    private sealed record HistoryRefused(object Again, Exception Error);

    private sealed record KeepOutcome(DispatchOutcome Outcome);

    private sealed record KeepLedger(WorkerLedger Ledger);
}
