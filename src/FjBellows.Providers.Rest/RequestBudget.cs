using System.Diagnostics.CodeAnalysis;

namespace FjBellows.Providers.Rest;

/// <summary>Keeps one kind of request under a limit: in no span of the window's length does a cloud see more than the limit, however
/// callers crowd and however long requests travel. Time is monotonic, so that a jump of the clock changes nothing (invariant R6).</summary>
/// <param name="what">The kind of request, a word in the plural.</param>
/// <param name="limit">How many fit into a window.</param>
/// <param name="window">The window's length.</param>
/// <remarks>There are as many slots as the limit. A request holds one from before it is sent until a window after it was answered, so two
/// requests of one slot are a window apart wherever they are counted. Callers are served in the order they came; who would have to wait too
/// long gets an error instead of being held.</remarks>
[SuppressMessage(
    "Reliability", "CA1001",
    Justification = "A semaphore holds nothing to dispose unless its wait handle is taken, and slots are freed after the last request.")]
public sealed class RequestBudget(string what, int limit, TimeSpan window, TimeProvider time)
{
    /// <summary>Longer than about this no one is kept waiting.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _slots = new(limit, limit);
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _closedUntil;
    private int _waiting;

    /// <summary>What is left now.</summary>
    public RequestsLeft Left => new(what, _slots.CurrentCount, limit);

    /// <summary>Returns when a request may be sent; dispose what is returned when it is answered.</summary>
    /// <exception cref="CloudException"><see cref="CloudErrorKind.RateLimited"/>: the cloud asked for a pause that is not over, or the wait
    /// would be too long.</exception>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        Queue();
        try
        {
            await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _waiting--;
            }
        }

        try
        {
            lock (_gate)
            {
                RefuseWhileClosed();
            }
        }
        catch
        {
            _slots.Release();
            throw;
        }

        return new Pass(this);
    }

    /// <summary>Lets nothing through for a while: the cloud asked for it.</summary>
    /// <param name="pause">How long.</param>
    public void CloseFor(TimeSpan pause)
    {
        lock (_gate)
        {
            var until = time.GetElapsedTime(_start) + pause;
            _closedUntil = until > _closedUntil ? until : _closedUntil;
        }
    }

    private void Queue()
    {
        lock (_gate)
        {
            RefuseWhileClosed();
            var rounds = (_waiting / limit) + 1;
            if (_slots.CurrentCount == 0 && rounds * window > LongestWait)
            {
                throw new CloudException(
                    CloudErrorKind.RateLimited,
                    $"{_waiting} {what} are waiting already: the cloud takes {limit} in {window.TotalSeconds:0} s", rounds * window);
            }

            _waiting++;
        }
    }

    private void RefuseWhileClosed()
    {
        var left = _closedUntil - time.GetElapsedTime(_start);
        if (left > TimeSpan.Zero)
        {
            throw new CloudException(CloudErrorKind.RateLimited, $"the cloud asked for a pause in {what}; it is not over yet", left);
        }
    }

    private async Task FreeLaterAsync()
    {
        await Task.Delay(window, time).ConfigureAwait(false);
        _slots.Release();
    }

    private sealed class Pass(RequestBudget budget) : IDisposable
    {
        private int _done;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _done, 1) == 0)
            {
                _ = budget.FreeLaterAsync();
            }
        }
    }
}
