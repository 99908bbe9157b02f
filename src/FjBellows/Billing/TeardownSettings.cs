namespace FjBellows.Billing;

/// <summary>When an idle worker is given up.</summary>
/// <param name="IdleTimeout">How long a worker may idle where time is billed by the second.</param>
/// <param name="HourMargin">How long before the end of a billing period an idle worker is deleted.</param>
public sealed record TeardownSettings(TimeSpan IdleTimeout, TimeSpan HourMargin)
{
    /// <summary>What is wrong with these settings under a billing model, as sentences; empty when nothing is (invariant B6).</summary>
    /// <param name="billing">The model in force, its hour already overridden where configured.</param>
    public IEnumerable<string> Problems(BillingModel billing)
    {
        ArgumentNullException.ThrowIfNull(billing);
        if (billing.Granularity <= TimeSpan.Zero)
        {
            yield return $"billing_hour is {billing.Granularity}, and must be longer than zero";
        }

        if (IdleTimeout <= TimeSpan.Zero)
        {
            yield return $"idle_timeout is {IdleTimeout}, and must be longer than zero";
        }

        if (HourMargin <= TimeSpan.Zero)
        {
            yield return $"hour_margin is {HourMargin}, and must be longer than zero";
        }

        if (billing.IsLeased && HourMargin >= billing.Granularity)
        {
            yield return $"hour_margin ({HourMargin}) must be shorter than billing_hour ({billing.Granularity}), or every worker would " +
                $"be deleted at birth";
        }
    }
}
