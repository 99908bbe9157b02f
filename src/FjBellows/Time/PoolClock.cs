using Akka.Actor;

namespace FjBellows.Time;

/// <summary>
/// The pool's clock: wall time that does not jump (invariant R6). It runs on the monotonic clock from where the wall clock stood at the
/// start; when the wall clock has disagreed for <see cref="Timeouts"/> without returning, it was set for good (a late time
/// synchronisation, a host that slept), and is followed.
/// </summary>
internal sealed class PoolClock
{
    private readonly Func<DateTimeOffset> _wall;
    private readonly Func<TimeSpan> _elapsed;
    private readonly Lock _gate = new();
    private DateTimeOffset _anchor;
    private TimeSpan? _disagreesSince;
    private TimeSpan _followed;

    /// <summary>A clock that starts now.</summary>
    /// <param name="wall">The wall clock, UTC; may jump.</param>
    /// <param name="elapsed">Time since some moment; never jumps.</param>
    public PoolClock(Func<DateTimeOffset> wall, Func<TimeSpan> elapsed)
    {
        ArgumentNullException.ThrowIfNull(wall);
        ArgumentNullException.ThrowIfNull(elapsed);
        _wall = wall;
        _elapsed = elapsed;
        _anchor = wall() - elapsed();
    }

    /// <summary>The clock of an actor system in production: its scheduler's wall and monotonic clocks.</summary>
    /// <param name="time">The actor system's scheduler.</param>
    public static PoolClock Of(ITimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return new PoolClock(() => time.Now, () => time.MonotonicClock);
    }

    /// <summary>How long the wall clock must disagree before it is followed.</summary>
    public static TimeSpan Timeouts { get; } = TimeSpan.FromMinutes(5);

    /// <summary>By how much it must disagree.</summary>
    public static TimeSpan Tolerance { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Time since some moment, by the clock that cannot be set: for every duration that is measured here (invariants J8,
    /// B7).</summary>
    public TimeSpan Elapsed => _elapsed();

    /// <summary>The present, UTC.</summary>
    public DateTimeOffset Now => Read().Now;

    /// <summary>The present, and by how much in all the clock has followed the wall clock since its start: what was noted at another value
    /// of that has moved by the difference.</summary>
    public (DateTimeOffset Now, TimeSpan Followed) Read()
    {
        lock (_gate)
        {
            var elapsed = _elapsed();
            var steady = _anchor + elapsed;
            var jump = _wall() - steady;
            if (jump.Duration() <= Tolerance)
            {
                _disagreesSince = null;
            }
            else if (_disagreesSince is not { } since)
            {
                _disagreesSince = elapsed;
            }
            else if (elapsed - since >= Timeouts)
            {
                _anchor += jump;
                _followed += jump;
                _disagreesSince = null;
                steady += jump;
            }

            return (steady, _followed);
        }
    }
}
