using System.Collections.Concurrent;
using Akka.Actor;
using FjBellows.Daemon.Control.Events;
using FjBellows.Daemon.Hosting;
using FjBellows.Hosting;
using FjBellows.Pool;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control;

/// <summary>The control plane's door to the pools: their snapshots, and their actors for commands.</summary>
internal sealed class PoolClient
{
    private const int OutcomesRead = 5_000;
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(3);

    private readonly IActorRef _root;
    private readonly ControlFeed _feed;
    private readonly IPoolHistory _history;
    private readonly ILogger _log;
    private readonly Dictionary<string, PoolStatusCache> _snapshots = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _remembered = new(StringComparer.Ordinal);

    /// <summary>A desk for some pools. Nothing is asked yet.</summary>
    /// <param name="pools">The pools' names, in their order.</param>
    /// <param name="root">The root actor.</param>
    /// <param name="feed">What is published.</param>
    /// <param name="history">The past.</param>
    /// <param name="log">Tells what cannot be read.</param>
    public PoolClient(IReadOnlyList<string> pools, IActorRef root, ControlFeed feed, IPoolHistory history, TimeProvider time, ILogger log)
    {
        Pools = pools;
        _root = root;
        _feed = feed;
        _history = history;
        _log = log;
        foreach (var pool in pools)
        {
            _snapshots[pool] = new PoolStatusCache(pool, () => AskAsync(pool), time);
        }
    }

    /// <summary>The pools' names, in their order.</summary>
    public IReadOnlyList<string> Pools { get; }

    /// <summary>What the pools say.</summary>
    /// <param name="pool">Only this one; null for all.</param>
    /// <returns>One for each pool; none when there is no pool of that name.</returns>
    public async Task<IReadOnlyList<PoolSnapshot>> GetAsync(string? pool, CancellationToken cancellationToken)
    {
        var asked = Pools.Where(p => pool is null || p == pool).Select(p => _snapshots[p].GetAsync(cancellationToken).AsTask()).ToArray();
        return await Task.WhenAll(asked).ConfigureAwait(false);
    }

    /// <summary>Tells a pool something that is answered.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="pool">The pool; it exists.</param>
    /// <param name="message">One of <see cref="PoolProtocol"/>.</param>
    /// <param name="limit">The longest to wait.</param>
    /// <exception cref="AskTimeoutException">There was no answer in time.</exception>
    public async Task<T> AskAsync<T>(string pool, object message, TimeSpan? limit = null)
    {
        var found = await _root.Ask<BellowsProtocol.PoolFound>(new BellowsProtocol.FindPool(pool), AskLimit).ConfigureAwait(false);
        return await found.Pool.Ask<T>(message, limit ?? AskLimit).ConfigureAwait(false);
    }

    private async Task<PoolStatus> AskAsync(string pool)
    {
        var status = await AskAsync<PoolStatus>(pool, PoolProtocol.GetStatus.Instance).ConfigureAwait(false);
        if (status.Recovered && _remembered.TryAdd(pool, true) && status.Workers.Any(w => w.JobsRun > 0))
        {
            _ = RememberAsync(status);
        }

        return status;
    }

    /// <summary>Workers that outlived a restart of the daemon worked before it.</summary>
    private async Task RememberAsync(PoolStatus status)
    {
        try
        {
            var since = status.Workers.Min(w => w.CreatedAt ?? w.PlannedAt);
            var outcomes = await _history.OutcomesAsync(status.Name, since, OutcomesRead, CancellationToken.None).ConfigureAwait(false);
            _feed.Remember(outcomes, status.Workers.Select(w => w.Name).ToHashSet(StringComparer.Ordinal));
        }
        catch (Exception e)
        {
            _log.PastUnknown(status.Name, e.Message);
        }
    }
}
