using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FjBellows.Journal;

/// <summary>Who holds the right to decide for a pool.</summary>
/// <param name="Name">What the holder calls itself: program, host and process.</param>
/// <param name="Address">Where it connects from; empty where the server does not say.</param>
/// <param name="Backend">The process id of its connection on the database server.</param>
public sealed record LeaseHolder(string Pool, string Name, string Address, int Backend)
{
    /// <inheritdoc />
    public override string ToString() =>
        $"{(Name.Length == 0 ? "an unnamed client" : Name)}{(Address.Length == 0 ? "" : $" from {Address}")}, " +
        $"database backend {Backend}, holds pool '{Pool}'";
}

/// <summary>
/// The right to decide for the pools of a journal in PostgreSQL (invariant O5): one advisory lock per pool, held by one connection for as
/// long as the daemon lives. The lock ends with its connection, so <see cref="IsHeld"/> turns false within <see cref="ValidFor"/> when the
/// connection is lost, whoever else may have the lock by then, and true again when the same locks are taken back. Needs a connection that
/// is the daemon's own: a pooler that shares connections between transactions (PgBouncer's transaction mode) breaks it.
/// </summary>
public sealed class PoolLease : IAsyncDisposable
{
    /// <summary>How long an answer of the server proves that the locks are held.</summary>
    public static readonly TimeSpan ValidFor = TimeSpan.FromSeconds(4);

    /// <summary>How long whoever takes a lock over waits before it acts: the one before has stopped by then.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    private const string TryLock = "SELECT pg_try_advisory_lock(@key)";
    private const string QuickKeepalives = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BeatLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(10);

    private readonly JournalStore _store;
    private readonly string[] _pools;
    private readonly string _connectionString;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<LeaseHolder> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (DbConnection Connection, int Backend)? _open;
    private Task _keeping = Task.CompletedTask;
    private long _provenAt;
    private volatile bool _held;

    private PoolLease(JournalStore store, IEnumerable<string> pools, string holder, TimeProvider time, ILogger log)
    {
        _store = store;
        _pools = [.. pools.Order(StringComparer.Ordinal)];
        _time = time;
        _log = log;
        _connectionString = new NpgsqlConnectionStringBuilder(store.ConnectionString)
        {
            Pooling = false,
            ApplicationName = holder,
            Timeout = (int)OpenLimit.TotalSeconds,
            CommandTimeout = (int)BeatLimit.TotalSeconds,
        }.ToString();
    }

    /// <summary>True while the locks are held for certain. Ask before every effect.</summary>
    public bool IsHeld => _held && _time.GetElapsedTime(Interlocked.Read(ref _provenAt)) < ValidFor;

    /// <summary>Completes when another daemon was found to hold a lock that this one had lost. It is not taken back.</summary>
    public Task<LeaseHolder> Taken => _taken.Task;

    /// <summary>The lease of a journal's pools; nothing is connected yet.</summary>
    /// <param name="settings">Where the journal is.</param>
    /// <param name="pools">The pools of the configuration.</param>
    /// <param name="holder">What this daemon calls itself towards others; PostgreSQL keeps 63 bytes of it.</param>
    /// <param name="log">Takes what happens to the connection.</param>
    /// <returns>Null for a journal in SQLite: the lock file keeps a second daemon out there.</returns>
    /// <exception cref="JournalException">The settings cannot be read.</exception>
    public static PoolLease? Of(JournalSettings settings, IEnumerable<string> pools, string holder, TimeProvider time, ILogger log)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return settings.Connection is null ? null : new PoolLease(JournalStore.Of(settings), pools, holder, time, log);
    }

    /// <summary>Takes the locks of all pools, or none. Once they are taken, they are watched until this is disposed of.</summary>
    /// <returns>Null when they are taken; else who holds one.</returns>
    /// <exception cref="JournalException">The database cannot be used.</exception>
    public async Task<LeaseHolder?> TryTakeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var holder = await AttemptAsync(cancellationToken).ConfigureAwait(false);
            if (holder is null)
            {
                _keeping = Task.Run(KeepAsync, CancellationToken.None);
            }

            return holder;
        }
        catch (Exception e) when (e is DbException or IOException or TimeoutException)
        {
            await CloseAsync().ConfigureAwait(false);
            throw _store.Explain(e)
                ?? new JournalException(JournalErrorKind.Unreachable, $"{_store.Place} cannot be used as journal: {e.Message}", e);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _held = false;
        await CloseAsync().ConfigureAwait(false);
        _end.Dispose();
    }

    /// <summary>The key of a pool's lock. Locks belong to a database, journals to one of its schemas.</summary>
    internal static long KeyOf(string schema, string pool) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"fj-bellows\n{schema}\n{pool}")));

    private async Task<LeaseHolder?> AttemptAsync(CancellationToken cancellationToken)
    {
        var (connection, backend) = _open ??= await OpenAsync(cancellationToken).ConfigureAwait(false);
        var begun = _time.GetTimestamp();
        var schema = await connection.ScalarAsync("SELECT current_schema()", cancellationToken).ConfigureAwait(false) as string ?? "";
        foreach (var pool in _pools)
        {
            var key = KeyOf(schema, pool);
            if (await connection.ScalarAsync(TryLock, cancellationToken, ("key", key)).ConfigureAwait(false) is true)
            {
                continue;
            }

            var holder = await HolderAsync(connection, pool, key, cancellationToken).ConfigureAwait(false);
            await connection.ExecuteAsync("SELECT pg_advisory_unlock_all()", cancellationToken).ConfigureAwait(false);
            return holder;
        }

        Interlocked.Exchange(ref _provenAt, begun);
        _held = true;
        return null;
    }

    private async Task<(DbConnection Connection, int Backend)> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);

            // A host that vanishes must not hold the lock until the server's own limits, which are hours.
            await connection.ExecuteAsync(QuickKeepalives, cancellationToken).ConfigureAwait(false);
            return (connection, connection.ProcessID);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<LeaseHolder> HolderAsync(DbConnection connection, string pool, long key, CancellationToken cancellationToken)
    {
        // The key of an advisory lock stands in two columns of pg_locks, its upper half in classid; objsubid 1 means one key of 64 bits.
        var found = await connection.TextsAsync(
            """
            SELECT concat_ws(chr(31), l.pid::text, coalesce(a.application_name, ''), coalesce(host(a.client_addr), ''))
            FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND ((l.classid::bigint << 32) | l.objid::bigint) = @key
            """,
            cancellationToken,
            ("key", key)).ConfigureAwait(false);
        return found is [var row, ..] && row.Split('\u001f') is [var pid, var name, var address]
            ? new LeaseHolder(pool, OutsideText.Clean(name, OutsideText.NameLimit), address, int.Parse(pid, CultureInfo.InvariantCulture))
            : new LeaseHolder(pool, "", "", 0);
    }

    private async Task KeepAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            await Task.Delay(Beat, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_end.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await ProveAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (!_end.IsCancellationRequested)
            {
                _held = false;
                _log.LogError(
                    "lost the database connection that holds the pool locks: {Reason}; nothing is created, deleted or dispatched until " +
                    "they are taken back",
                    e.Message);
                if (!await TakeBackAsync().ConfigureAwait(false))
                {
                    return;
                }
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    private async Task ProveAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        limit.CancelAfter(BeatLimit);
        var begun = _time.GetTimestamp();
        await _open!.Value.Connection.ScalarAsync("SELECT 1", limit.Token).ConfigureAwait(false);
        Interlocked.Exchange(ref _provenAt, begun);
    }

    /// <returns>False when another daemon has a lock now, or at the end.</returns>
    private async Task<bool> TakeBackAsync()
    {
        var old = _open?.Backend;
        await CloseAsync().ConfigureAwait(false);
        while (!_end.IsCancellationRequested)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
                limit.CancelAfter(OpenLimit);
                if (await AttemptAsync(limit.Token).ConfigureAwait(false) is not { } holder)
                {
                    _log.LogInformation("took the pool locks back; work goes on");
                    return true;
                }

                if (holder.Backend != old && holder.Backend != 0)
                {
                    _taken.TrySetResult(holder);
                    return false;
                }

                // The server has not noticed yet that our own connection of before is gone.
                await _open!.Value.Connection.ExecuteAsync(
                    "SELECT pg_terminate_backend(@old)", limit.Token, ("old", holder.Backend)).ConfigureAwait(false);
            }
            catch (Exception) when (!_end.IsCancellationRequested)
            {
                await CloseAsync().ConfigureAwait(false);
            }
            catch (Exception)
            {
                return false;
            }

            await Task.Delay(Beat, _time, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private async Task CloseAsync()
    {
        if (_open is { } open)
        {
            _open = null;
            await open.Connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
