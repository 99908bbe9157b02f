using System.Data.Common;
using System.Text.Json;

namespace FjBellows.Journal;

/// <summary>What we ask of the tables that Akka.Persistence.Sql makes.</summary>
internal static class JournalTables
{
    public const string Events = "journal";
    public const string Snapshots = "snapshot";

    public static async Task<bool> ExistsAsync(
        JournalStore store, DbConnection connection, string table, CancellationToken cancellationToken)
    {
        var sql = store.IsSqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name = @table"
            : "SELECT CAST(to_regclass(@table) AS text)";
        return await connection.ScalarAsync(sql, cancellationToken, ("table", table)).ConfigureAwait(false) is string;
    }

    public static async Task<bool> HaveUniqueIndexAsync(JournalStore store, DbConnection connection, CancellationToken cancellationToken)
    {
        var sql = store.IsSqlite
            ? """
              SELECT (SELECT group_concat(c.name) FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno) c)
              FROM pragma_index_list('journal') i WHERE i."unique" = 1 AND i.partial = 0
              """
            : """
              SELECT (SELECT string_agg(a.attname, ',' ORDER BY k.n) FROM unnest(i.indkey) WITH ORDINALITY k (attnum, n)
                      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum)
              FROM pg_index i WHERE i.indrelid = to_regclass('journal') AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
              """;
        var indexes = await connection.TextsAsync(sql, cancellationToken).ConfigureAwait(false);
        return indexes.Contains("persistence_id,sequence_number");
    }

    /// <summary>Removes the row that the plugin leaves behind when all of an actor's events are deleted (invariant R7). It only remembers
    /// the highest number given; an actor without events and snapshot begins again, and a worker's name never comes again.</summary>
    /// <param name="store">The database.</param>
    /// <param name="connection">An open connection to it.</param>
    /// <param name="before">Rows written before this moment, in ticks, as the plugin writes them.</param>
    public static async Task ForgetPurgedAsync(
        JournalStore store, DbConnection connection, long before, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(store, connection, Events, cancellationToken).ConfigureAwait(false)
            || !await ExistsAsync(store, connection, Snapshots, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        const string sql = """
            DELETE FROM journal WHERE deleted = @yes AND created < @before
            AND NOT EXISTS (SELECT 1 FROM journal live WHERE live.persistence_id = journal.persistence_id AND live.deleted = @no)
            AND NOT EXISTS (SELECT 1 FROM snapshot s WHERE s.persistence_id = journal.persistence_id)
            """;
        await connection.ExecuteAsync(sql, cancellationToken, ("yes", true), ("no", false), ("before", before)).ConfigureAwait(false);
    }

    /// <summary>Reads an actor's latest snapshot and the events after it, oldest first, without an actor system. What cannot be read is
    /// left out.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="persistenceId">The actor.</param>
    public static async Task<IReadOnlyList<object>> ReplayAsync(
        DbConnection connection, string persistenceId, CancellationToken cancellationToken)
    {
        var snapshots = await connection.RecordsAsync(
            "SELECT sequence_number, manifest, snapshot FROM snapshot WHERE persistence_id = @id ORDER BY sequence_number DESC LIMIT 1",
            cancellationToken, ("id", persistenceId)).ConfigureAwait(false);
        var after = snapshots is [var latest] ? latest.Number : 0;
        var events = await connection.RecordsAsync(
            "SELECT sequence_number, manifest, message FROM journal WHERE persistence_id = @id AND deleted = @no AND sequence_number > " +
            "@after ORDER BY sequence_number",
            cancellationToken, ("id", persistenceId), ("no", false), ("after", after)).ConfigureAwait(false);
        return [.. snapshots.Concat(events).Select(record => Read(record.Manifest, record.Bytes)).OfType<object>()];
    }

    private static object? Read(string manifest, byte[] bytes)
    {
        try
        {
            return BellowsSerializer.Read(manifest, bytes);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
