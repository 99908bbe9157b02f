using Akka.Actor;
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

    private readonly HashSet<string> _recording = new(StringComparer.Ordinal);
    private DateTimeOffset? _journalHeldUntil;
    private int _journalFailures;
    private bool _workersCannotWrite;

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
            Timers.StartSingleTimer(m.Again, m.Again, JournalHold.After(_journalFailures));
        });
        Command<PruneDue>(_ => _calls.Send(
            HistoryLimit,
            token => _pool.Ports.History.PruneAsync(Now - _pool.Settings.HistoryRetention, token),
            () => null,
            e => new LeftoverFailed("the history's oldest part", e)));
        Command<KeepOutcome>(m => Keep(m.Outcome));
        Command<KeepLedger>(m => Keep(m.Ledger, m.Ended));
    }

    private void Keep(DispatchOutcome outcome) => _calls.Send(
        HistoryLimit,
        token => _pool.Ports.History.AppendAsync(outcome, token),
        () => new OutcomeKept(outcome.Worker),
        e => new HistoryRefused(new KeepOutcome(outcome), e));

    private void Keep(WorkerLedger ledger, DispatchOutcome? ended) => _calls.Send(
        HistoryLimit,
        async token =>
        {
            if (ended is not null)
            {
                await _pool.Ports.History.AppendAsync(ended, token).ConfigureAwait(false);
            }

            await _pool.Ports.History.AppendAsync(ledger, token).ConfigureAwait(false);
        },
        () => new LedgerKept(ledger.Worker),
        e => new HistoryRefused(new KeepLedger(ledger, ended), e));

    /// <summary>A journal that cannot be written stops purchases and dispatches for a while, and is told; nothing that runs is touched (invariant R5).</summary>
    private void HoldForJournal(string why)
    {
        _journalFailures++;
        _journalHeldUntil = Now + JournalHold.After(_journalFailures);
        _sources[PoolSource.Journal] = _sources[PoolSource.Journal] with { Error = why };
        Notice(NoticeKind.Warning, $"the journal cannot be written: {why}. Nothing is bought or dispatched before {_journalHeldUntil:HH:mm:ss}; running jobs go on (R5)");
        Plan();
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
        if (_workersCannotWrite)
        {
            return; // The pool's own writes say nothing about its workers': their hold goes on doubling.
        }

        _journalFailures = 0;
        _journalHeldUntil = null;
        _sources[PoolSource.Journal] = _sources[PoolSource.Journal] with { LastSuccess = Now, Error = null };
    }

    private sealed record PruneDue
    {
        public static readonly PruneDue Instance = new();
    }

    private sealed record OutcomeKept(string Worker);

    private sealed record LedgerKept(string Worker);

    private sealed record HistoryRefused(object Again, Exception Error);

    private sealed record KeepOutcome(DispatchOutcome Outcome);

    private sealed record KeepLedger(WorkerLedger Ledger, DispatchOutcome? Ended);
}
