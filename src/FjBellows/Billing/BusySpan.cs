namespace FjBellows.Billing;

/// <summary>A stretch of time in which one job needs one worker: from <paramref name="From"/> on, until just before
/// <paramref name="Until"/>.</summary>
/// <param name="From">The first moment.</param>
/// <param name="Until">The first moment after it; not after <paramref name="From"/> means that nothing is needed.</param>
public readonly record struct BusySpan(DateTimeOffset From, DateTimeOffset Until)
{
    /// <summary>How long it is; zero when it ends before it begins.</summary>
    public TimeSpan Length => Until > From ? Until - From : TimeSpan.Zero;
}
