namespace FjBellows.Billing;

/// <summary>
/// The least that jobs could have cost with immediate start, had their times been known in advance: the fewest leases of one billing period
/// each, such that at every instant at least as many leases run as jobs do. A lease may carry any job at any time, so no schedule that
/// starts each job when it comes can start fewer; one that lets jobs wait can.
/// </summary>
/// <remarks>All leases are equally long, so a lease started earlier than the first instant that lacks one ends earlier and covers no more:
/// buying exactly when one is missing is optimal. With n jobs and m leases that takes O(n log n + m).</remarks>
internal static class LeaseBound
{
    /// <summary>When the leases of a cheapest set begin.</summary>
    /// <param name="jobs">When jobs run, in any order.</param>
    /// <param name="step">How long a lease is.</param>
    /// <returns>Their beginnings, oldest first: as many as there are leases.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The step is not longer than zero.</exception>
    public static IReadOnlyList<DateTimeOffset> Leases(IEnumerable<BusySpan> jobs, TimeSpan step)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, TimeSpan.Zero);
        var needed = jobs.Where(j => j.Length > TimeSpan.Zero).ToArray();
        var starts = needed.Select(j => j.From.UtcTicks).Order().ToArray();
        var ends = needed.Select(j => j.Until.UtcTicks).Order().ToArray();
        var leases = new List<DateTimeOffset>();
        var leaseEnds = new Queue<long>();
        var (started, ended) = (0, 0);
        while (ended < ends.Length)
        {
            // The next instant at which more may be needed, or less may be there.
            var now = Math.Min(
                started < starts.Length ? starts[started] : long.MaxValue, leaseEnds.TryPeek(out var first) ? first : long.MaxValue);
            now = Math.Min(now, ends[ended]);
            while (ended < ends.Length && ends[ended] <= now)
            {
                ended++;
            }

            while (leaseEnds.TryPeek(out var end) && end <= now)
            {
                leaseEnds.Dequeue();
            }

            while (started < starts.Length && starts[started] <= now)
            {
                started++;
            }

            for (var missing = started - ended - leaseEnds.Count; missing > 0; missing--)
            {
                leases.Add(new DateTimeOffset(now, TimeSpan.Zero));
                leaseEnds.Enqueue(now + step.Ticks);
            }
        }

        return leases;
    }

    /// <summary>The least time to be billed for jobs under a cloud's billing: whole leases where it leases, else the time that jobs
    /// run.</summary>
    /// <param name="jobs">When jobs run.</param>
    /// <param name="billing">The cloud's model.</param>
    public static TimeSpan Billed(IEnumerable<BusySpan> jobs, BillingModel billing)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(billing);
        return billing.IsLeased
            ? Leases(jobs, billing.Granularity).Count * billing.Granularity
            : TimeSpan.FromTicks(jobs.Sum(j => j.Length.Ticks));
    }
}
