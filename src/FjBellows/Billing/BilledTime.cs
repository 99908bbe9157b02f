namespace FjBellows.Billing;

/// <summary>What is billed for an instance of some age.</summary>
internal static class BilledTime
{
    /// <summary>The time billed for a lifetime: rounded up to the billing period, at least the minimum, at least the time that the minimum
    /// charge covers.</summary>
    /// <param name="billing">The cloud's model.</param>
    /// <param name="lifetime">From creation to deletion; a negative one counts as zero.</param>
    /// <param name="hourlyPrice">The price per hour, needed only for a minimum charge.</param>
    public static TimeSpan Of(BillingModel billing, TimeSpan lifetime, decimal? hourlyPrice = null)
    {
        ArgumentNullException.ThrowIfNull(billing);
        var steps = Math.Max(1, CeilingDivide(Math.Max(0, lifetime.Ticks), billing.Granularity.Ticks));
        var billed = TimeSpan.FromTicks(steps * billing.Granularity.Ticks);
        return Max(Max(billed, billing.MinimumDuration), CoveredBy(billing.MinimumCharge, hourlyPrice));
    }

    /// <summary>Until when an instance is billed, if it were deleted now.</summary>
    /// <param name="billing">The cloud's model.</param>
    /// <param name="createdAt">When billing began.</param>
    /// <param name="hourlyPrice">The price per hour, needed only for a minimum charge.</param>
    public static DateTimeOffset BilledUntil(
        BillingModel billing, DateTimeOffset createdAt, DateTimeOffset now, decimal? hourlyPrice = null) =>
        createdAt + Of(billing, now - createdAt, hourlyPrice);

    /// <summary>The money for a lifetime, null where the price is not known.</summary>
    /// <param name="billing">The cloud's model.</param>
    /// <param name="lifetime">From creation to deletion.</param>
    /// <param name="hourlyPrice">The price per hour.</param>
    public static decimal? Cost(BillingModel billing, TimeSpan lifetime, decimal? hourlyPrice) =>
        hourlyPrice is not { } price ? null : (decimal)Of(billing, lifetime, price).TotalHours * price;

    private static TimeSpan CoveredBy(decimal? charge, decimal? hourlyPrice) =>
        charge is > 0 && hourlyPrice is > 0 ? TimeSpan.FromHours((double)(charge.Value / hourlyPrice.Value)) : TimeSpan.Zero;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static long CeilingDivide(long value, long step) => (value + step - 1) / step;
}
