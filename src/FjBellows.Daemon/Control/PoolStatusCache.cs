using Akka.Actor;
using FjBellows.Pool;

namespace FjBellows.Daemon.Control;

/// <summary>What one pool last said of itself. However many ask, the pool is asked four times a second at most, and once at a time; no one
/// waits for it longer than a moment (invariant R8).</summary>
/// <param name="pool">The pool's name.</param>
/// <param name="ask">Asks the pool; throws <see cref="AskTimeoutException"/> when it does not answer in time.</param>
internal sealed class PoolStatusCache(string pool, Func<Task<PoolStatus>> ask, TimeProvider time)
{
    private static readonly TimeSpan FreshFor = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Timeouts = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private PoolSnapshot _last = new(pool, null, null);
    private long? _lastAt;
    private Task<PoolSnapshot>? _asking;

    /// <summary>What the pool says, at most a moment old if it answers at all.</summary>
    public async ValueTask<PoolSnapshot> GetAsync(CancellationToken cancellationToken)
    {
        Task<PoolSnapshot> asking;
        lock (_gate)
        {
            if (_lastAt is { } at && time.GetElapsedTime(at) < FreshFor)
            {
                return _last;
            }

            asking = _asking ??= Task.Run(AskAsync, CancellationToken.None);
        }

        try
        {
            return await asking.WaitAsync(Timeouts, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            lock (_gate)
            {
                return _last.Status is null
                    || _last.Silent is not null ? _last with { Silent = _last.Silent ?? $"pool {pool} has not answered yet" } : _last;
            }
        }
    }

    private async Task<PoolSnapshot> AskAsync()
    {
        PoolSnapshot said;
        var begun = time.GetTimestamp();
        try
        {
            said = new PoolSnapshot(pool, await ask().ConfigureAwait(false), null, time.GetElapsedTime(begun));
        }
        catch (AskTimeoutException)
        {
            said = new PoolSnapshot(
                pool, _last.Status,
                $"pool {pool} does not answer: it is recovering, or its journal cannot be read or written; see the log");
        }
        catch (Exception e)
        {
            said = new PoolSnapshot(pool, _last.Status, $"pool {pool} could not be asked: {e.Message}");
        }

        lock (_gate)
        {
            _last = said;
            _lastAt = time.GetTimestamp();
            _asking = null;
        }

        return said;
    }
}

/// <summary>What a pool said.</summary>
/// <param name="Status">Its state, the last that is known; null when it has never answered.</param>
/// <param name="Silent">Why the state is not of now; null when it is.</param>
/// <param name="Took">How long the pool took to say it; null when it did not.</param>
internal sealed record PoolSnapshot(string Pool, PoolStatus? Status, string? Silent, TimeSpan? Took = null);
