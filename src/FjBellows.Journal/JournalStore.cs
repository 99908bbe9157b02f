using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FjBellows.Journal;

/// <summary>The database behind a journal: how to connect, what differs between the two kinds, and how their failures read.</summary>
internal sealed class JournalStore
{
    private JournalStore(string connectionString, string place, string? file)
    {
        ConnectionString = connectionString;
        Place = place;
        File = file;
    }

    public string ConnectionString { get; }

    /// <summary>Where it is, for sentences; holds no password.</summary>
    public string Place { get; }

    /// <summary>The SQLite file; null for PostgreSQL.</summary>
    public string? File { get; }

    [MemberNotNullWhen(true, nameof(File))]
    public bool IsSqlite => File is not null;

    /// <summary>The column type of a record kept as JSON.</summary>
    public string JsonType => IsSqlite ? "TEXT" : "jsonb";

    public static JournalStore Of(JournalSettings settings)
    {
        if (settings.Directory is { } directory)
        {
            var file = Path.Combine(directory, JournalSettings.FileName);
            return new JournalStore(new SqliteConnectionStringBuilder { DataSource = file }.ToString(), file, file);
        }

        try
        {
            var builder = new NpgsqlConnectionStringBuilder(settings.Connection!.Reveal());
            return new JournalStore(
                builder.ToString(), $"PostgreSQL database '{builder.Database ?? builder.Username}' at {builder.Host}:{builder.Port}", null);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            // The cause would quote the string, and with it perhaps the password.
            throw new JournalException(
                JournalErrorKind.Settings,
                "state.connection is no connection string for PostgreSQL; write 'Host=…;Database=…;Username=…;Password=…' (a " +
                "postgres:// URL is not understood)");
        }
    }

    /// <summary>Lets SQLite itself wait for a lock, in steps of a few milliseconds, before its driver begins to sleep in long
    /// ones.</summary>
    public static void WaitPatiently(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout=5000";
        command.ExecuteNonQuery();
    }

    public async Task<DbConnection> OpenAsync(CancellationToken cancellationToken)
    {
        DbConnection connection = IsSqlite ? new SqliteConnection(ConnectionString) : new NpgsqlConnection(ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            if (IsSqlite)
            {
                WaitPatiently(connection);
            }

            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The sentence for a failure of the database; null where it says nothing about the store as a whole.</summary>
    public JournalException? Explain(Exception failure) => failure switch
    {
        JournalException known => known,
        _ when StoreFailures.RefusalOf(failure) is HistoryRefusal.Content or HistoryRefusal.OtherWriter => null,
        SqliteException { SqliteErrorCode: 11 or 26 } e => Corrupt(e.Message, e),
        SqliteException { SqliteErrorCode: 13 } e => new JournalException(
            JournalErrorKind.Unwritable,
            $"the journal {Place} cannot grow: the disk is full. Free space there; nothing that is written is lost.", e),
        SqliteException { SqliteErrorCode: 3 or 8 or 10 or 14 or 23 } e => Unwritable(e.Message, e),
        SqliteException { SqliteErrorCode: 5 or 6 } e => new JournalException(
            JournalErrorKind.Unwritable,
            $"the journal {Place} is locked by another process. Is a second fj-bellows, or a backup, at work on it?", e),
        SqliteException { SqliteErrorCode: 1 } e when e.Message.Contains("no such table", StringComparison.Ordinal) =>
            Incomplete(e.Message, e),
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } e => Incomplete(e.MessageText, e),
        UnauthorizedAccessException or IOException when IsSqlite => Unwritable(failure.Message, failure),
        PostgresException { SqlState: "42501" } e => new JournalException(
            JournalErrorKind.Unwritable,
            $"{Place} does not let this user make tables: {e.MessageText}. Grant CREATE on the schema, or name another user in " +
            $"state.connection.", e),
        NpgsqlException e => new JournalException(
            JournalErrorKind.Unreachable,
            $"{Place} cannot be used as journal: {e.Message}. Check state.connection, and whether the database runs and takes " +
            $"this user.", e),
        _ => null,
    };

    /// <summary>Any failure of this store by cause, as a sentence.</summary>
    public HistoryRefusedException Refused(Exception failure)
    {
        if (failure is HistoryRefusedException known)
        {
            return known;
        }

        var cause = StoreFailures.CauseOf(failure);
        var refusal = StoreFailures.RefusalOf(cause);
        var message = refusal switch
        {
            HistoryRefusal.Content => $"the journal {Place} does not take this record as it is: {cause.Message}",
            HistoryRefusal.OtherWriter =>
                $"another fj-bellows writes to the journal {Place}: {cause.Message}. Two daemons must not act for one pool. Stop one of " +
                $"them, or give it a journal, a pool name and a tag of its own.",
            _ => Explain(cause)?.Message ?? $"the journal {Place} cannot be used: {cause.Message}",
        };
        return new HistoryRefusedException(refusal, message, failure);
    }

    public JournalException Corrupt(string what, Exception? cause = null) => new(
        JournalErrorKind.Corrupt,
        $"the journal {Place} is damaged: {what}. Stop fj-bellows and restore the journal from a backup; or move it away " +
        $"({(IsSqlite ? $"{File}, and {File}-wal and {File}-shm beside it" : "all its tables")}) " +
        "and start with an empty journal: the daemon then finds its instances by tag and owner identity and deletes them; one on which " +
        "a job may be running is kept until the job is over.",
        cause);

    private JournalException Incomplete(string what, Exception cause) => new(
        JournalErrorKind.Corrupt,
        $"the journal {Place} is not complete: {what}. A start of the daemon, of this version, makes what is missing.", cause);

    private JournalException Unwritable(string what, Exception cause) => new(
        JournalErrorKind.Unwritable,
        $"the journal {Place} cannot be written: {what}. Make {Path.GetDirectoryName(File)} writable for this user, or name another " +
        $"directory in state.directory.",
        cause);
}
