namespace FjBellows.Providers.Linode.Api;

/// <summary>Keeps one kind of request under a limit: in no span of the window's length are more than the limit let through, whatever the
/// callers do. Time is monotonic, so that a jump of the clock neither stops nor frees anything (invariant R6).</summary>
/// <remarks>The last <c>limit</c> passes are remembered; the next one is no earlier than the oldest of them plus the window. A caller that
/// would have to wait too long is told so instead of being held.</remarks>
internal sealed class RequestBudget(string what, int limit, TimeSpan window, TimeProvider time)
{
    /// <summary>Longer than this nobody is kept waiting.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly Queue<TimeSpan> _passes = new(limit);
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _closedUntil;

    /// <summary>Returns when a request may be sent.</summary>
    /// <exception cref="CloudException"><see cref="CloudErrorKind.RateLimited"/>: the cloud asked for a pause that is not over, or the wait would be too long.</exception>
    public Task AcquireAsync(CancellationToken cancellationToken)
    {
        var wait = Reserve();
        return wait > TimeSpan.Zero ? Task.Delay(wait, time, cancellationToken) : Task.CompletedTask;
    }

    /// <summary>Lets nothing through for a while: the cloud asked for it.</summary>
    public void CloseFor(TimeSpan pause)
    {
        lock (_gate)
        {
            var until = Now + pause;
            _closedUntil = until > _closedUntil ? until : _closedUntil;
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    private TimeSpan Reserve()
    {
        lock (_gate)
        {
            var now = Now;
            if (_closedUntil > now)
            {
                throw new CloudException(CloudErrorKind.RateLimited, $"Linode asked for a pause in {what}; it is not over yet", _closedUntil - now);
            }

            var slot = now;
            if (_passes.Count == limit && _passes.Peek() + window > now)
            {
                slot = _passes.Peek() + window;
            }

            if (slot - now > LongestWait)
            {
                throw new CloudException(
                    CloudErrorKind.RateLimited, $"too many {what} are waiting already: Linode takes {limit} in {window.TotalSeconds:0} s", slot - now);
            }

            if (_passes.Count == limit)
            {
                _passes.Dequeue();
            }

            _passes.Enqueue(slot);
            return slot - now;
        }
    }
}
