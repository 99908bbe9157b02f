namespace FjBellows.Pool;

/// <summary>A history that lives as long as the process, for embedders without a database and for tests. Safe to use from several places at
/// once.</summary>
/// <param name="capacity">The most outcomes and the most ledgers kept; the oldest additions make way.</param>
public sealed class InMemoryHistory(int capacity = InMemoryHistory.DefaultCapacity) : IPoolHistory, INoticeHistory
{
    /// <summary>The capacity where none is given.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly Lock _gate = new();
    private readonly int _capacity = capacity > 0
        ? capacity
        : throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "a history keeps at least one record");
    private readonly OrderedDictionary<string, DispatchOutcome> _outcomes = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<(string Pool, string Worker), WorkerLedger> _ledgers = [];
    private readonly Queue<PoolNotice> _notices = new();

    /// <inheritdoc />
    public Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return Keep(_outcomes, outcome.Assignment.Dispatch.Value, outcome);
    }

    /// <inheritdoc />
    public Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return Keep(_ledgers, (ledger.Pool, ledger.Worker), ledger);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(
        string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        Read(_outcomes, o => o.Pool == pool && o.EndedAt >= since, o => o.EndedAt, limit);

    /// <inheritdoc />
    public Task<IReadOnlyList<WorkerLedger>> LedgersAsync(
        string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        Read(_ledgers, l => l.Pool == pool && l.GoneAt >= since, l => l.GoneAt, limit);

    /// <inheritdoc />
    public Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Forget(_outcomes, o => o.EndedAt < before);
            Forget(_ledgers, l => l.GoneAt < before);
            for (var left = _notices.Count; left > 0; left--)
            {
                var notice = _notices.Dequeue();
                if (notice.At >= before)
                {
                    _notices.Enqueue(notice);
                }
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task AppendAsync(IReadOnlyList<PoolNotice> notices, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notices);
        lock (_gate)
        {
            foreach (var notice in notices)
            {
                _notices.Enqueue(notice);
                if (_notices.Count > _capacity)
                {
                    _notices.Dequeue();
                }
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<PoolNotice>> NoticesAsync(string? worker, long? jobId, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<PoolNotice>>(
                [.. _notices.Where(n => (worker is null || n.Worker == worker) && (jobId is null || n.JobId == jobId)).OrderBy(n => n.At)
                    .TakeLast(limit)]);
        }
    }

    private static void Forget<TKey, TRecord>(OrderedDictionary<TKey, TRecord> records, Func<TRecord, bool> old)
        where TKey : notnull
    {
        foreach (var key in records.Where(entry => old(entry.Value)).Select(entry => entry.Key).ToArray())
        {
            records.Remove(key);
        }
    }

    private Task Keep<TKey, TRecord>(OrderedDictionary<TKey, TRecord> records, TKey key, TRecord record)
        where TKey : notnull
    {
        lock (_gate)
        {
            records[key] = record;
            if (records.Count > _capacity)
            {
                records.RemoveAt(0);
            }
        }

        return Task.CompletedTask;
    }

    private Task<IReadOnlyList<TRecord>> Read<TKey, TRecord>(
        OrderedDictionary<TKey, TRecord> records, Func<TRecord, bool> wanted, Func<TRecord, DateTimeOffset> end, int limit)
        where TKey : notnull
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<TRecord>>([.. records.Values.Where(wanted).OrderBy(end).TakeLast(limit)]);
        }
    }
}
