namespace FjBellows.Journal;

/// <summary>Where the journal, the snapshots and the history are kept.</summary>
public sealed record JournalSettings
{
    /// <summary>The name of the SQLite file inside the state directory.</summary>
    public const string FileName = "journal.db";

    private JournalSettings(string? directory, Secret? connection)
    {
        Directory = directory;
        Connection = connection;
    }

    /// <summary>The state directory of an SQLite journal; null for PostgreSQL.</summary>
    public string? Directory { get; }

    /// <summary>PostgreSQL's connection string, which may hold a password; null for SQLite.</summary>
    public Secret? Connection { get; }

    /// <summary>One SQLite file in a directory; both are made where they are missing, for this user only.</summary>
    /// <param name="directory">The state directory.</param>
    public static JournalSettings Sqlite(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new JournalSettings(Path.GetFullPath(directory), null);
    }

    /// <summary>A PostgreSQL database, which must exist; its tables are made where they are missing.</summary>
    /// <param name="connection">A connection string such as <c>Host=db;Database=bellows;Username=bellows;Password=…</c>.</param>
    public static JournalSettings PostgreSql(Secret connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new JournalSettings(null, connection);
    }
}
