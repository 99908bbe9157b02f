using System.Data.Common;
using System.Text.Json;
using FjBellows.Pool;

namespace FjBellows.Journal;

/// <summary>Compares what a journal says about its pools with a configuration, before any pool starts (invariant O6).</summary>
public sealed class JournalOwners
{
    private const string PoolPrefix = "pool-";
    private readonly JournalStore _store;

    /// <summary>Opens nothing yet. <see cref="JournalCheck.PrepareAsync"/> must have made the tables.</summary>
    /// <param name="settings">Where the journal is.</param>
    /// <exception cref="JournalException">The settings cannot be read.</exception>
    public JournalOwners(JournalSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        _store = JournalStore.Of(settings);
    }

    /// <summary>Refuses a configuration that would leave workers behind, and records whose the pools are.</summary>
    /// <param name="configured">The pools of the configuration.</param>
    /// <param name="adopt">Pools whose recorded identity the operator gives up in favour of the configuration's.</param>
    /// <param name="forget">Pools that the operator has the journal forget, with their workers.</param>
    /// <exception cref="JournalException">The configuration disagrees with the journal; the message says how to decide. Or the journal
    /// cannot be used.</exception>
    public async Task ClaimAsync(
        IReadOnlyList<PoolIdentity> configured, IReadOnlyList<string> adopt, IReadOnlyList<string> forget,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(configured);
        ArgumentNullException.ThrowIfNull(adopt);
        ArgumentNullException.ThrowIfNull(forget);
        try
        {
            await using var connection = await _store.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (configured.FirstOrDefault(c => forget.Contains(c.Pool)) is { } used)
            {
                throw Disagrees($"--forget-pool {used.Pool}: the configuration has this pool; take it out first");
            }

            foreach (var pool in forget)
            {
                await ForgetAsync(connection, pool, cancellationToken).ConfigureAwait(false);
            }

            var problems = new List<string>();
            foreach (var identity in configured)
            {
                if (await RecordedAsync(connection, identity.Pool, cancellationToken).ConfigureAwait(false) is { } recorded
                    && !adopt.Contains(identity.Pool)
                    && identity.DifferencesFrom(recorded) is { Count: > 0 } differences
                    && await WorkersOfAsync(connection, identity.Pool, cancellationToken).ConfigureAwait(false) is { Count: > 0 } workers)
                {
                    problems.Add(
                        $"pool '{identity.Pool}' has {Named(workers)} in the journal that were created under other settings " +
                        $"({string.Join("; ", differences)}). " +
                        "With these settings they would be neither found nor deleted, and go on being billed. " +
                        "Restore the old settings and set scale.max: 0 until they are gone; " +
                        $"or start once with --adopt-pool {identity.Pool} if it is the same account under another name");
                }
            }

            foreach (var pool in await UnclaimedAsync(connection, configured, cancellationToken).ConfigureAwait(false))
            {
                if (await WorkersOfAsync(connection, pool, cancellationToken).ConfigureAwait(false) is { Count: > 0 } workers)
                {
                    problems.Add(
                        $"the journal holds pool '{pool}' with {Named(workers)}, and the configuration has no pool of this name: " +
                        "they would not be deleted, and go on being billed. " +
                        "Put the pool back with scale.max: 0 until they are gone; " +
                        $"or delete their instances yourself and start once with --forget-pool {pool}");
                }
            }

            if (problems.Count > 0)
            {
                throw Disagrees(string.Join('\n', problems));
            }

            foreach (var identity in configured)
            {
                await connection.ExecuteAsync(
                    $"""
                    INSERT INTO fjb_pools (pool, record) VALUES (@pool, CAST(@record AS {_store.JsonType}))
                    ON CONFLICT (pool) DO UPDATE SET record = excluded.record
                    """,
                    cancellationToken,
                    ("pool", identity.Pool),
                    ("record", JsonSerializer.Serialize(identity, JournalJson.Default.PoolIdentity))).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is DbException)
        {
            throw _store.Explain(e)
                ?? new JournalException(JournalErrorKind.Unreachable, $"the journal {_store.Place} cannot be used: {e.Message}", e);
        }
    }

    private JournalException Disagrees(string what) =>
        new(JournalErrorKind.OtherOwner, $"the journal {_store.Place} and the configuration disagree:\n{what}");

    private static string Named(IReadOnlyCollection<string> workers) =>
        $"{workers.Count} {(workers.Count == 1 ? "worker" : "workers")} " +
        $"({string.Join(", ", workers.Take(5))}{(workers.Count > 5 ? ", …" : "")})";

    private static async Task<PoolIdentity?> RecordedAsync(DbConnection connection, string pool, CancellationToken cancellationToken) =>
        await connection.ScalarAsync(
            "SELECT CAST(record AS TEXT) FROM fjb_pools WHERE pool = @pool", cancellationToken,
            ("pool", pool)).ConfigureAwait(false) is string json
            ? JsonSerializer.Deserialize(json, JournalJson.Default.PoolIdentity)
            : null;

    private async Task<IReadOnlyList<string>> UnclaimedAsync(
        DbConnection connection, IReadOnlyList<PoolIdentity> configured, CancellationToken cancellationToken)
    {
        if (!await JournalTables.ExistsAsync(_store, connection, JournalTables.Snapshots, cancellationToken).ConfigureAwait(false))
        {
            return [];
        }

        var ids = await connection.TextsAsync(
            """
            SELECT persistence_id FROM journal WHERE persistence_id LIKE 'pool-%'
            UNION SELECT persistence_id FROM snapshot WHERE persistence_id LIKE 'pool-%' ORDER BY 1
            """,
            cancellationToken).ConfigureAwait(false);
        return [.. ids.Select(id => id[PoolPrefix.Length..]).Where(pool => configured.All(c => c.Pool != pool))];
    }

    /// <summary>The workers of a pool that its journal does not prove gone, by replaying it. A record that cannot be read is left out: what
    /// it would have added is not known, and a start with the pool in the configuration says so.</summary>
    private async Task<IReadOnlyList<string>> WorkersOfAsync(DbConnection connection, string pool, CancellationToken cancellationToken)
    {
        if (!await JournalTables.ExistsAsync(_store, connection, JournalTables.Snapshots, cancellationToken).ConfigureAwait(false))
        {
            return [];
        }

        var state = PoolJournalState.Empty;
        var id = PoolPrefix + pool;
        foreach (var record in await JournalTables.ReplayAsync(connection, id, cancellationToken).ConfigureAwait(false))
        {
            state = record switch
            {
                PoolJournalState snapshot => snapshot,
                PoolProtocol.IPoolEvent @event => state.Apply(@event),
                _ => state,
            };
        }

        return [.. state.Live.Keys.Order(StringComparer.Ordinal)];
    }

    private async Task ForgetAsync(DbConnection connection, string pool, CancellationToken cancellationToken)
    {
        if (!await JournalTables.ExistsAsync(_store, connection, JournalTables.Snapshots, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var workers = await WorkersOfAsync(connection, pool, cancellationToken).ConfigureAwait(false);
        string[] ids = [PoolPrefix + pool, .. workers.Select(worker => $"worker-{pool}-{worker}")];
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        foreach (var id in ids)
        {
            await connection.ExecuteAsync(
                "DELETE FROM journal WHERE persistence_id = @id", cancellationToken, ("id", id)).ConfigureAwait(false);
            await connection.ExecuteAsync(
                "DELETE FROM snapshot WHERE persistence_id = @id", cancellationToken, ("id", id)).ConfigureAwait(false);
        }

        await connection.ExecuteAsync("DELETE FROM fjb_pools WHERE pool = @pool", cancellationToken, ("pool", pool)).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }
}
