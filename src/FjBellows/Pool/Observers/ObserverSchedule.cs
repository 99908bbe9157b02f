namespace FjBellows.Pool;

/// <summary>When a source is asked next (invariants R2, R3). Pure. The interval counts from the last request, whatever happened since, so
/// that no activity can postpone a source. All times are by the clock that cannot be set.</summary>
/// <param name="Failures">Failures in a row.</param>
/// <param name="AskedAt">When it was last asked.</param>
/// <param name="RetryAfter">How long the source asked to wait at its last failure, counted from that failure.</param>
/// <param name="FailedAt">When it last failed.</param>
internal sealed record ObserverSchedule(int Failures, TimeSpan AskedAt, TimeSpan? RetryAfter, TimeSpan FailedAt)
{
    /// <summary>The longest <c>Retry-After</c> of a read that is obeyed.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>The longest backoff of a source that is asked more often.</summary>
    public static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(1);

    /// <summary>Before the first request.</summary>
    public static ObserverSchedule Begin { get; } = new(0, TimeSpan.Zero, null, TimeSpan.Zero);

    /// <summary>After a request was sent.</summary>
    public ObserverSchedule Asked(TimeSpan now) => this with { AskedAt = now };

    /// <summary>After a good answer.</summary>
    public ObserverSchedule Answered() => this with { Failures = 0, RetryAfter = null };

    /// <summary>After a failure.</summary>
    /// <param name="retryAfter">How long the source asked to wait.</param>
    public ObserverSchedule Failed(TimeSpan now, TimeSpan? retryAfter) => new(Failures + 1, AskedAt, retryAfter, now);

    /// <summary>How long to wait for the next request.</summary>
    /// <param name="interval">Between two requests while all is well.</param>
    public TimeSpan Wait(TimeSpan interval, TimeSpan now)
    {
        if (Failures == 0)
        {
            return Later(AskedAt + interval, now);
        }

        var backoff = new BackoffSettings(interval, interval > LongestBackoff ? interval : LongestBackoff).After(Failures);
        var asked = RetryAfter is not { } after ? TimeSpan.Zero : after < LongestRetryAfter ? after : LongestRetryAfter;
        return Later(FailedAt + (asked > backoff ? asked : backoff), now);
    }

    private static TimeSpan Later(TimeSpan at, TimeSpan now) => at > now ? at - now : TimeSpan.Zero;
}
