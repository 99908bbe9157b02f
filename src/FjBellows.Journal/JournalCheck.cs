using System.Data.Common;
using System.Reflection;

namespace FjBellows.Journal;

/// <summary>Opens the journal before anything relies on it: makes what is missing, upgrades what is old, and refuses what cannot be
/// trusted.</summary>
public static class JournalCheck
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Makes the journal ready. Call it before the actor system starts.</summary>
    /// <param name="settings">Where the journal is.</param>
    /// <exception cref="JournalException">It cannot be used; the message says what to do.</exception>
    public static async Task PrepareAsync(JournalSettings settings, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var store = JournalStore.Of(settings);
        await GuardAsync(store, async () =>
        {
            if (store.IsSqlite)
            {
                MakeFile(store.File);
            }

            await using var connection = await store.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (store.IsSqlite)
            {
                await ProveIntactAsync(store, connection, cancellationToken).ConfigureAwait(false);
            }

            await JournalSchema.UpgradeAsync(store, connection, Program(), cancellationToken).ConfigureAwait(false);
            if (await JournalTables.ExistsAsync(store, connection, JournalTables.Events, cancellationToken).ConfigureAwait(false))
            {
                await AssertUniqueIndexAsync(store, connection, cancellationToken).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Asserts that the tables exist with the index that keeps two writers apart; asked once the actor system has made
    /// them.</summary>
    internal static async Task AssertReadyAsync(JournalStore store, CancellationToken cancellationToken)
    {
        await GuardAsync(store, async () =>
        {
            await using var connection = await store.OpenAsync(cancellationToken).ConfigureAwait(false);
            await AssertUniqueIndexAsync(store, connection, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static async Task AssertUniqueIndexAsync(JournalStore store, DbConnection connection, CancellationToken cancellationToken)
    {
        if (!await JournalTables.HaveUniqueIndexAsync(store, connection, cancellationToken).ConfigureAwait(false))
        {
            throw store.Corrupt(
                "its table 'journal' lacks the unique index on (persistence_id, sequence_number), without which a second writer is not " +
                "noticed and recovery is slow");
        }
    }

    private static async Task GuardAsync(JournalStore store, Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not JournalException && store.Explain(e) is not null)
        {
            throw store.Explain(e)!;
        }
    }

    private static void MakeFile(string file)
    {
        var directory = Path.GetDirectoryName(file)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
            return;
        }

        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        }

        // SQLite would make the file readable for all; the files it makes beside it take over the mode.
        using (new FileStream(
            file, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite,
                UnixCreateMode = OwnerOnly,
            }))
        {
        }

        if (File.GetUnixFileMode(file) != OwnerOnly)
        {
            File.SetUnixFileMode(file, OwnerOnly);
        }
    }

    private static async Task ProveIntactAsync(JournalStore store, DbConnection connection, CancellationToken cancellationToken)
    {
        // Write-ahead logging sticks to the file. Each commit is still synced (SQLite's default, FULL): a worker's intent must outlive a
        // power cut.
        if (await connection.ScalarAsync("PRAGMA journal_mode=WAL", cancellationToken).ConfigureAwait(false) is not "wal")
        {
            throw new JournalException(
                JournalErrorKind.Unwritable,
                $"the journal {store.Place} cannot use write-ahead logging: it must be on a local disk, not on a network file system");
        }

        if (await connection.ScalarAsync("PRAGMA quick_check(1)", cancellationToken).ConfigureAwait(false) is not "ok" and var found)
        {
            throw store.Corrupt($"{found}");
        }
    }

    private static string Program() =>
        typeof(JournalCheck).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "unknown";
}
