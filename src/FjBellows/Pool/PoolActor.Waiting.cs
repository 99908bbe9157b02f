using Akka.Actor;
using Akka.Event;
using FjBellows.Workers;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>What plans with a wait budget or a reserve need beside the present: how long things take, and which idle workers are kept.</summary>
internal sealed partial class PoolActor
{
    // Enough for thirty runs of a few dozen kinds; what is older has changed since.
    private const int MostLearnedFrom = 2000;

    // For how long an outage of Forgejo is taken for one that passes.
    private static readonly TimeSpan BlindAfter = TimeSpan.FromHours(1);

    private readonly Dictionary<string, DateTimeOffset> _keptUntil = new(StringComparer.Ordinal);
    private readonly DurationEstimator _learned;

    /// <summary>True when the queue could not be read for so long that nobody can say whether a reserve is of use.</summary>
    private bool IsBlind => _sources[PoolSource.Jobs] is { Error: not null, LastSuccess: { } last } && Now - last > BlindAfter;

    private void ReceivePast()
    {
        Command<PastRead>(m =>
        {
            foreach (var outcome in m.Outcomes)
            {
                _learned.Learn(outcome);
            }

            foreach (var ledger in m.Ledgers)
            {
                if (ledger.ReadyAt is { } ready)
                {
                    _learned.LearnBoot(ledger.PlannedAt, ready);
                }
            }

            Plan();
        });
        Command<PastUnread>(m => _log.Warning(
            "pool {Pool}: the history could not be read ({Error}), so how long jobs take is learned anew; until then scale.expected_duration holds",
            _pool.Settings.Name, m.Error.Message));
    }

    /// <summary>Learns from what was recorded before this start.</summary>
    private void ReadPast()
    {
        if (_pool.Settings.Waiting.BuysAtOnce)
        {
            return;
        }

        var since = Now - _pool.Settings.HistoryRetention;
        _calls.Send(
            HistoryLimit,
            async token => new PastRead(
                await _pool.Ports.History.OutcomesAsync(_pool.Settings.Name, since, MostLearnedFrom, token).ConfigureAwait(false),
                await _pool.Ports.History.LedgersAsync(_pool.Settings.Name, since, RecentDurations.Kept, token).ConfigureAwait(false)),
            past => past,
            e => new PastUnread(e));
    }

    /// <summary>Tells idle workers of the reserve that they may begin another paid step, and the others that they may not. The word holds for
    /// two steps at most: a pool that no longer plans keeps nothing alive for long.</summary>
    private void KeepReserve(IReadOnlySet<string> kept, DateTimeOffset until)
    {
        if (kept.Count == 0 && _keptUntil.Count == 0)
        {
            return;
        }

        var step = _pool.Billing.IsLeased ? _pool.Billing.Granularity : _pool.Settings.Teardown.IdleTimeout;
        var horizon = until - Now > step * 2 ? Now + (step * 2) : until;
        foreach (var worker in kept)
        {
            if (!_keptUntil.TryGetValue(worker, out var told) || horizon < told || horizon - told > step / 4)
            {
                _keptUntil[worker] = horizon;
                _children[worker].Tell(new KeepInReserve(horizon));
            }
        }

        foreach (var worker in _keptUntil.Keys.Where(w => !kept.Contains(w)).ToArray())
        {
            _keptUntil.Remove(worker);
            if (_children.TryGetValue(worker, out var child))
            {
                child.Tell(new KeepInReserve(null));
            }
        }
    }

    private sealed record PastRead(IReadOnlyList<DispatchOutcome> Outcomes, IReadOnlyList<WorkerLedger> Ledgers);

    private sealed record PastUnread(Exception Error);
}
