using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace FjBellows.Journal;

/// <summary>What the databases' own error codes mean for whoever writes a record. The only place that reads them for this
/// purpose.</summary>
internal static class StoreFailures
{
    // SQLite's result codes: https://www.sqlite.org/rescode.html
    private const int TooBig = 18;
    private const int Mismatch = 20;
    private const int ConstraintCheck = 275;
    private const int ConstraintNotNull = 1299;
    private const int ConstraintDataType = 3091;
    private const int ConstraintPrimaryKey = 1555;
    private const int ConstraintUnique = 2067;
    private const int ConstraintRowId = 2579;

    /// <summary>Whose fault a failure is.</summary>
    public static HistoryRefusal RefusalOf(Exception failure) => CauseOf(failure) switch
    {
        SqliteException { SqliteExtendedErrorCode: ConstraintPrimaryKey or ConstraintUnique or ConstraintRowId } =>
            HistoryRefusal.OtherWriter,
        SqliteException { SqliteErrorCode: TooBig or Mismatch } => HistoryRefusal.Content,
        SqliteException { SqliteExtendedErrorCode: ConstraintCheck or ConstraintNotNull or ConstraintDataType } => HistoryRefusal.Content,
        PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } => HistoryRefusal.OtherWriter,
        PostgresException { SqlState: PostgresErrorCodes.NotNullViolation or PostgresErrorCodes.CheckViolation } => HistoryRefusal.Content,

        // Class 22, data exceptions (a NUL, broken UTF-8, JSON that jsonb refuses); class 54, a value beyond the server's limits.
        PostgresException e when e.SqlState.StartsWith("22", StringComparison.Ordinal)
            || e.SqlState.StartsWith("54", StringComparison.Ordinal) => HistoryRefusal.Content,
        EncoderFallbackException or DecoderFallbackException or JsonException => HistoryRefusal.Content,
        _ => HistoryRefusal.Connection,
    };

    /// <summary>The failure that the wrappers around it carry: actors and tasks report what they caught inside one of their own.</summary>
    public static Exception CauseOf(Exception failure)
    {
        for (var at = failure; at is not null; at = at.InnerException)
        {
            if (at is SqliteException or PostgresException or EncoderFallbackException or DecoderFallbackException or JsonException)
            {
                return at;
            }
        }

        return failure;
    }
}
