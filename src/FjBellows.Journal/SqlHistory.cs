using System.Data.Common;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Pool;

namespace FjBellows.Journal;

/// <summary>The history in three tables of the journal's database. Connections are taken for one statement each; callers are never
/// blocked.</summary>
public sealed class SqlHistory : IPoolHistory, INoticeHistory
{
    private readonly JournalStore _store;

    /// <summary>Opens nothing yet. <see cref="JournalCheck.PrepareAsync"/> must have made the tables.</summary>
    /// <param name="settings">Where the journal is.</param>
    /// <exception cref="JournalException">The settings cannot be read.</exception>
    public SqlHistory(JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _store = JournalStore.Of(settings);
    }

    /// <inheritdoc />
    public Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return WorkAsync(
            connection => connection.ExecuteAsync(
                $"""
                INSERT INTO fjb_outcomes (dispatch, pool, ended_at, record) VALUES (@dispatch, @pool, @ended, CAST(@record AS {_store.JsonType}))
                ON CONFLICT (dispatch) DO UPDATE SET pool = excluded.pool, ended_at = excluded.ended_at, record = excluded.record
                """,
                cancellationToken,
                ("dispatch", outcome.Assignment.Dispatch.Value),
                ("pool", outcome.Pool),
                ("ended", outcome.EndedAt.UtcTicks),
                ("record", JsonSerializer.Serialize(outcome, JournalJson.Default.DispatchOutcome))),
            cancellationToken);
    }

    /// <inheritdoc />
    public Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        return WorkAsync(
            connection => connection.ExecuteAsync(
                $"""
                INSERT INTO fjb_ledgers (pool, worker, ended_at, record) VALUES (@pool, @worker, @ended, CAST(@record AS {_store.JsonType}))
                ON CONFLICT (pool, worker) DO UPDATE SET ended_at = excluded.ended_at, record = excluded.record
                """,
                cancellationToken,
                ("pool", ledger.Pool),
                ("worker", ledger.Worker),
                ("ended", ledger.GoneAt.UtcTicks),
                ("record", JsonSerializer.Serialize(ledger, JournalJson.Default.WorkerLedger))),
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(
        string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        ReadAsync("fjb_outcomes", JournalJson.Default.DispatchOutcome, pool, since, limit, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<WorkerLedger>> LedgersAsync(
        string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
        ReadAsync("fjb_ledgers", JournalJson.Default.WorkerLedger, pool, since, limit, cancellationToken);

    /// <inheritdoc />
    public Task ProbeAsync(CancellationToken cancellationToken) => WorkAsync(
        async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync(
                $"INSERT INTO fjb_notices (at, worker, job, record) VALUES (0, '', 0, CAST('{{}}' AS {_store.JsonType}))",
                cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync("DELETE FROM fjb_notices WHERE at = 0", cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Forgets everything that ended before a moment, and the last traces of purged workers in the journal.</summary>
    /// <param name="before">The moment.</param>
    public Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => WorkAsync(
        async connection =>
        {
            await connection.ExecuteAsync(
                "DELETE FROM fjb_outcomes WHERE ended_at < @before", cancellationToken, ("before", before.UtcTicks)).ConfigureAwait(false);
            await connection.ExecuteAsync(
                "DELETE FROM fjb_notices WHERE at < @before", cancellationToken, ("before", before.UtcTicks)).ConfigureAwait(false);
            await connection.ExecuteAsync(
                "DELETE FROM fjb_ledgers WHERE ended_at < @before", cancellationToken, ("before", before.UtcTicks)).ConfigureAwait(false);
            await JournalTables.ForgetPurgedAsync(_store, connection, before.UtcTicks, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task AppendAsync(IReadOnlyList<PoolNotice> notices, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(notices);
        return WorkAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
                foreach (var notice in notices)
                {
                    await connection.ExecuteAsync(
                        $"INSERT INTO fjb_notices (at, worker, job, record) VALUES (@at, @worker, @job, CAST(@record AS " +
                        $"{_store.JsonType}))",
                        cancellationToken,
                        ("at", notice.At.UtcTicks),
                        ("worker", notice.Worker ?? ""),
                        ("job", notice.JobId ?? 0),
                        ("record", JsonSerializer.Serialize(notice, JournalJson.Default.PoolNotice))).ConfigureAwait(false);
                }

                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<PoolNotice>> NoticesAsync(string? worker, long? jobId, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var about = (worker, jobId) switch
        {
            (null, null) => "1 = 1",
            ({ }, null) => "worker = @worker",
            (null, { }) => "job = @job",
            _ => "worker = @worker AND job = @job",
        };
        return WorkAsync<IReadOnlyList<PoolNotice>>(
            async connection =>
            {
                var rows = await connection.TextsAsync(
                    $"SELECT CAST(record AS TEXT) FROM fjb_notices WHERE {about} ORDER BY at DESC LIMIT @limit",
                    cancellationToken,
                    ("worker", worker ?? ""),
                    ("job", jobId ?? 0),
                    ("limit", limit)).ConfigureAwait(false);
                return [.. rows.Reverse().Select(row => JsonSerializer.Deserialize(row, JournalJson.Default.PoolNotice)!)];
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public HistoryRefusedException Explain(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return _store.Refused(failure);
    }

    private Task<IReadOnlyList<T>> ReadAsync<T>(
        string table, JsonTypeInfo<T> type, string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return WorkAsync<IReadOnlyList<T>>(
            async connection =>
            {
                var rows = await connection.TextsAsync(
                    $"SELECT CAST(record AS TEXT) FROM {table} WHERE pool = @pool AND ended_at >= @since ORDER BY ended_at DESC LIMIT " +
                    $"@limit",
                    cancellationToken,
                    ("pool", pool),
                    ("since", since.UtcTicks),
                    ("limit", limit)).ConfigureAwait(false);
                return [.. rows.Reverse().Select(row => JsonSerializer.Deserialize(row, type)!)];
            },
            cancellationToken);
    }

    /// <summary>SQLite's driver does its work on the thread that asks, whatever its methods are called: it is given one of its
    /// own.</summary>
    private Task<T> WorkAsync<T>(Func<DbConnection, Task<T>> work, CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            try
            {
                await using var connection = await _store.OpenAsync(cancellationToken).ConfigureAwait(false);
                return await work(connection).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw _store.Refused(e);
            }
        },
        cancellationToken);
}
