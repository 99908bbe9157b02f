using System.Data.Common;
using System.Globalization;

namespace FjBellows.Journal;

/// <summary>Our own tables beside those that Akka.Persistence.Sql makes, and their version.</summary>
internal static class JournalSchema
{
    private const string VersionKey = "schema";
    private const string StepsKey = "steps";

    /// <summary>Up to this version it counted steps only.</summary>
    private const int LastVersionOfSteps = 2;

    private const string WriterKey = "written-by";

    /// <summary>The version this program writes: the number of steps below and of manifests, so that a program that lacks a manifest
    /// refuses the journal at its start and not in the middle of a recovery.</summary>
    public static int Current { get; } = Steps(json: "TEXT").Count + JournalManifests.Persisted.Count + JournalManifests.Remembered.Count;

    /// <summary>Brings the tables to <see cref="Current"/>, in one transaction.</summary>
    /// <exception cref="JournalException">A newer program has been here.</exception>
    public static async Task UpgradeAsync(JournalStore store, DbConnection connection, string program, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await connection.ExecuteAsync(
            "CREATE TABLE IF NOT EXISTS fjb_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)", cancellationToken).ConfigureAwait(false);
        var found = await ReadAsync(connection, VersionKey, cancellationToken).ConfigureAwait(false);
        if (!int.TryParse(found ?? "0", NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw store.Corrupt($"its schema version is '{found}'");
        }

        var steps = Steps(store.JsonType);
        if (version > Current)
        {
            var writer = await ReadAsync(connection, WriterKey, cancellationToken).ConfigureAwait(false) ?? "a newer version";
            throw new JournalException(
                JournalErrorKind.Newer,
                $"the journal {store.Place} was written by fj-bellows {writer} (schema {version}); this is {program} and reads up to " +
                $"schema {Current}. " +
                "Run the newer version again, or restore the backup from before its upgrade.");
        }

        var done = version <= LastVersionOfSteps
            ? version
            : await StepsDoneAsync(store, connection, cancellationToken).ConfigureAwait(false);
        foreach (var step in steps.Skip(done))
        {
            await connection.ExecuteAsync(step, cancellationToken).ConfigureAwait(false);
        }

        // Written at every start, and so the proof that the journal can be written.
        await WriteAsync(connection, VersionKey, Current.ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
        await WriteAsync(connection, StepsKey, steps.Count.ToString(CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false);
        await WriteAsync(connection, WriterKey, program, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The steps that make the tables, in order; a journal says how many it has had. None is changed once released.</summary>
    private static IReadOnlyList<string> Steps(string json) =>
    [
        $"""
        CREATE TABLE IF NOT EXISTS fjb_outcomes (dispatch TEXT PRIMARY KEY, pool TEXT NOT NULL, ended_at BIGINT NOT NULL, record {json} NOT NULL);
        CREATE INDEX IF NOT EXISTS fjb_outcomes_by_end ON fjb_outcomes (pool, ended_at);
        CREATE TABLE IF NOT EXISTS fjb_ledgers (pool TEXT NOT NULL, worker TEXT NOT NULL, ended_at BIGINT NOT NULL, record {json} NOT NULL, PRIMARY KEY (pool, worker));
        CREATE INDEX IF NOT EXISTS fjb_ledgers_by_end ON fjb_ledgers (pool, ended_at);
        """,
        $"""
        CREATE TABLE IF NOT EXISTS fjb_notices (at BIGINT NOT NULL, worker TEXT NOT NULL, job BIGINT NOT NULL, record {json} NOT NULL);
        CREATE INDEX IF NOT EXISTS fjb_notices_by_time ON fjb_notices (at);
        CREATE INDEX IF NOT EXISTS fjb_notices_by_worker ON fjb_notices (worker, at);
        CREATE INDEX IF NOT EXISTS fjb_notices_by_job ON fjb_notices (job, at);
        """,
        $"CREATE TABLE IF NOT EXISTS fjb_pools (pool TEXT PRIMARY KEY, record {json} NOT NULL);",
    ];

    private static async Task<int> StepsDoneAsync(JournalStore store, DbConnection connection, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(connection, StepsKey, cancellationToken).ConfigureAwait(false);
        return int.TryParse(found, NumberStyles.None, CultureInfo.InvariantCulture, out var done)
            ? done
            : throw store.Corrupt($"its count of schema steps is '{found}'");
    }

    private static async Task<string?> ReadAsync(DbConnection connection, string key, CancellationToken cancellationToken) =>
        await connection.ScalarAsync(
            "SELECT value FROM fjb_meta WHERE key = @key", cancellationToken, ("key", key)).ConfigureAwait(false) as string;

    private static Task<int> WriteAsync(DbConnection connection, string key, string value, CancellationToken cancellationToken) =>
        connection.ExecuteAsync(
        "INSERT INTO fjb_meta (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        cancellationToken,
        ("key", key),
        ("value", value));
}
