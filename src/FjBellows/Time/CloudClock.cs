namespace FjBellows.Time;

/// <summary>How a cloud's clock differs from ours: the time that it tells with an answer must lie between our request and that answer
/// (invariant B8). Pure.</summary>
/// <param name="Difference">By how much the cloud is ahead of us; negative when it is behind. Zero while nothing was measured.</param>
internal sealed record CloudClock(TimeSpan Difference)
{
    /// <summary>True once this process has measured it.</summary>
    public bool IsMeasured { get; private init; }

    /// <summary>A cloud tells whole seconds, and rounds as it likes.</summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromSeconds(2);

    /// <summary>From which difference on it is reported.</summary>
    public static readonly TimeSpan ReportAbove = TimeSpan.FromMinutes(1);

    /// <summary>Before the first create.</summary>
    public static CloudClock Unmeasured { get; } = new(TimeSpan.Zero);

    /// <summary>True when an operator should know of it.</summary>
    public bool IsReportable => Difference.Duration() > ReportAbove;

    /// <summary>The least difference that explains a time.</summary>
    /// <param name="statedAt">What the cloud said: the time of its answer, or of what it made for the request.</param>
    /// <param name="requestedAt">When the request was sent, by our clock.</param>
    /// <param name="answeredAt">When its answer came, by our clock.</param>
    public static CloudClock Measure(DateTimeOffset statedAt, DateTimeOffset requestedAt, DateTimeOffset answeredAt) => new(
        statedAt < requestedAt - Resolution ? statedAt - requestedAt
        : statedAt > answeredAt + Resolution ? statedAt - answeredAt
        : TimeSpan.Zero)
    { IsMeasured = true };

    /// <summary>The difference once our clock was set; one that was never measured stays unknown.</summary>
    /// <param name="by">By how much ours was set forward.</param>
    public CloudClock Moved(TimeSpan by) => IsMeasured && by != TimeSpan.Zero ? this with { Difference = Difference - by } : this;

    /// <summary>A moment of the cloud's clock by ours.</summary>
    /// <param name="cloud">The moment.</param>
    public DateTimeOffset ToOurs(DateTimeOffset cloud) => cloud - Difference;
}
