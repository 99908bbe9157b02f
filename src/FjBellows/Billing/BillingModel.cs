namespace FjBellows.Billing;

/// <summary>How a cloud bills an instance: the provider's attribute, never an assumption of the pool.</summary>
/// <param name="Granularity">The step in which time is billed, rounded up: one hour, one second. A cloud that bills by the minute declares
/// one second with a minimum of one minute.</param>
/// <param name="MinimumDuration">The shortest time billed; zero where there is none.</param>
/// <param name="MinimumCharge">The smallest amount billed, in the account's currency; null where there is none.</param>
/// <param name="BilledWhileOff">True when an instance that is switched off is billed like one that runs.</param>
public sealed record BillingModel(TimeSpan Granularity, TimeSpan MinimumDuration, decimal? MinimumCharge, bool BilledWhileOff)
{
    /// <summary>Whole hours from creation, each begun hour in full; off is billed too (Linode, Hetzner, Vultr).</summary>
    public static BillingModel Hourly { get; } = new(TimeSpan.FromHours(1), TimeSpan.FromHours(1), null, BilledWhileOff: true);

    /// <summary>By the second with nothing at least: own hardware.</summary>
    public static BillingModel PerSecond { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.Zero, null, BilledWhileOff: false);

    /// <summary>By the second with a shortest time billed.</summary>
    /// <param name="minimum">The shortest time billed.</param>
    /// <param name="minimumCharge">The smallest amount billed.</param>
    public static BillingModel PerSecondAtLeast(TimeSpan minimum, decimal? minimumCharge = null) =>
        new(TimeSpan.FromSeconds(1), minimum, minimumCharge, BilledWhileOff: false);

    /// <summary>True when time is billed in leases worth keeping a worker for: periods longer than a second.</summary>
    public bool IsLeased => Granularity > TimeSpan.FromSeconds(1);

    /// <summary>The same model with another step, for <c>poll.billing_hour</c>. A model that is not leased has no hour to change.</summary>
    /// <param name="hour">The step to bill in.</param>
    public BillingModel WithHour(TimeSpan hour) =>
        IsLeased ? this with { Granularity = hour, MinimumDuration = MinimumDuration < hour ? MinimumDuration : hour } : this;
}
