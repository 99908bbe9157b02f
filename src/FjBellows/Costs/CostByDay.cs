using FjBellows.Billing;

namespace FjBellows.Costs;

/// <summary>What one day (UTC) cost. A billing period counts on the day on which it began.</summary>
/// <param name="Jobs">Jobs that came on it and ran.</param>
/// <param name="Billed">Time billed.</param>
/// <param name="Busy">Time in which jobs ran.</param>
/// <param name="LeastBilled">Of the least that the whole history could have been billed with immediate start, what began on this
/// day.</param>
/// <param name="Money">The money; null where a worker's price is not known.</param>
public sealed record CostByDay(DateOnly Day, int Jobs, TimeSpan Billed, TimeSpan Busy, TimeSpan LeastBilled, decimal? Money)
{
    /// <summary>Time billed against the least; null where the least is nothing.</summary>
    public double? Ratio => LeastBilled > TimeSpan.Zero ? Billed / LeastBilled : null;

    /// <summary>The days of a history on which anything was billed or ran, oldest first.</summary>
    /// <param name="outcomes">The dispatches that ended.</param>
    /// <param name="ledgers">The workers.</param>
    /// <param name="billing">The cloud's model.</param>
    public static IReadOnlyList<CostByDay> Of(
        IReadOnlyCollection<DispatchOutcome> outcomes, IReadOnlyCollection<WorkerLedger> ledgers, BillingModel billing)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(ledgers);
        ArgumentNullException.ThrowIfNull(billing);
        var days = new SortedDictionary<DateOnly, Sums>();
        foreach (var ledger in ledgers.Where(l => l.CreatedAt is not null))
        {
            foreach (var (begin, length) in Steps(new BusySpan(ledger.CreatedAt!.Value, ledger.CreatedAt.Value + ledger.Billed), billing))
            {
                var day = At(begin);
                day.Billed += length;
                day.Money += ledger.HourlyPrice is { } price ? (decimal)length.TotalHours * price : null;
            }
        }

        var ran = outcomes.Where(CostReport.Ran).ToArray();
        foreach (var outcome in ran)
        {
            At(CostReport.Needed(outcome).From).Jobs++;
            foreach (var (begin, length) in ByMidnight(new BusySpan(outcome.Assignment.StartedAt!.Value, outcome.EndedAt)))
            {
                At(begin).Busy += length;
            }
        }

        var needed = ran.Select(CostReport.Needed);
        var least = billing.IsLeased
            ? LeaseBound.Leases(needed, billing.Granularity).Select(begin => (begin, billing.Granularity))
            : needed.SelectMany(ByMidnight);
        foreach (var (begin, length) in least)
        {
            At(begin).Least += length;
        }

        return [.. days.Select(d => new CostByDay(d.Key, d.Value.Jobs, d.Value.Billed, d.Value.Busy, d.Value.Least, d.Value.Money))];

        Sums At(DateTimeOffset at)
        {
            var key = DateOnly.FromDateTime(at.UtcDateTime);
            return days.TryGetValue(key, out var day) ? day : days[key] = new Sums();
        }
    }

    private static IEnumerable<(DateTimeOffset Begin, TimeSpan Length)> Steps(BusySpan paid, BillingModel billing)
    {
        if (!billing.IsLeased)
        {
            return ByMidnight(paid);
        }

        var steps = (int)Math.Ceiling(paid.Length / billing.Granularity);
        return Enumerable.Range(0, steps)
            .Select(i =>
                (paid.From + (i * billing.Granularity), i < steps - 1 ? billing.Granularity : paid.Length - (i * billing.Granularity)));
    }

    private static IEnumerable<(DateTimeOffset Begin, TimeSpan Length)> ByMidnight(BusySpan span)
    {
        var at = span.From.ToUniversalTime();
        while (at < span.Until)
        {
            var midnight = new DateTimeOffset(at.UtcDateTime.Date.AddDays(1), TimeSpan.Zero);
            var until = midnight < span.Until ? midnight : span.Until;
            yield return (at, until - at);
            at = until;
        }
    }

    private sealed class Sums
    {
        public int Jobs { get; set; }

        public TimeSpan Billed { get; set; }

        public TimeSpan Busy { get; set; }

        public TimeSpan Least { get; set; }

        public decimal? Money { get; set; } = 0;
    }
}
