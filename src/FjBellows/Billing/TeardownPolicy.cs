namespace FjBellows.Billing;

/// <summary>When an idle worker ends. Pure: it follows from the cloud's creation time, the end of the last job and a renewal for the
/// reserve (invariant B1).</summary>
internal static class TeardownPolicy
{
    /// <summary>
    /// The moment at which a worker that is idle is to be drained. In the past means: at once (invariant B3).
    /// Leased time: the margin before the end of the billing period that runs now (B2); a period already begun is billed, so it is used.
    /// Time by the second: the idle timeout, but not before the minimum charge is used up (B4).
    /// </summary>
    /// <param name="billing">The cloud's model.</param>
    /// <param name="settings">The pool's settings.</param>
    /// <param name="createdAt">When billing began.</param>
    /// <param name="idleSince">Since when the worker idles.</param>
    /// <param name="hourlyPrice">The price per hour, needed only for a minimum charge.</param>
    /// <param name="renewedUntil">The end of a billing period begun on purpose, for the reserve; null where none was.</param>
    public static DateTimeOffset TeardownDeadline(
        BillingModel billing,
        TeardownSettings settings,
        DateTimeOffset createdAt,
        DateTimeOffset idleSince,
        DateTimeOffset now,
        decimal? hourlyPrice = null,
        DateTimeOffset? renewedUntil = null)
    {
        ArgumentNullException.ThrowIfNull(billing);
        ArgumentNullException.ThrowIfNull(settings);
        if (billing.IsLeased)
        {
            var end = PeriodEnd(billing, createdAt, now);
            return (renewedUntil > end ? renewedUntil.Value : end) - settings.HourMargin;
        }

        var timeout = idleSince + settings.IdleTimeout;
        var minimumUsed = createdAt + BilledTime.Of(billing, TimeSpan.Zero, hourlyPrice);
        timeout = renewedUntil > timeout ? renewedUntil.Value : timeout;
        return timeout > minimumUsed ? timeout : minimumUsed;
    }

    /// <summary>The end of the billing period that runs at a moment; a period's last instant belongs to the next one.</summary>
    /// <param name="billing">A leased model.</param>
    /// <param name="createdAt">When billing began.</param>
    public static DateTimeOffset PeriodEnd(BillingModel billing, DateTimeOffset createdAt, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(billing);
        var age = Math.Max(0, (now - createdAt).Ticks);
        return createdAt + TimeSpan.FromTicks(((age / billing.Granularity.Ticks) + 1) * billing.Granularity.Ticks);
    }

    /// <summary>How many billing periods began although the worker had been idle since before their teardown deadline: money spent for
    /// nothing (invariants B2, B5).</summary>
    /// <param name="billing">The cloud's model.</param>
    /// <param name="settings">The pool's settings.</param>
    /// <param name="createdAt">When billing began.</param>
    /// <param name="idleSince">Since when the worker idled for the last time.</param>
    /// <param name="goneAt">When its absence was proven.</param>
    /// <param name="renewedUntil">The end of the last billing period begun on purpose, for the reserve; null where none was.</param>
    public static int MissedBoundaries(
        BillingModel billing,
        TeardownSettings settings,
        DateTimeOffset createdAt,
        DateTimeOffset idleSince,
        DateTimeOffset goneAt,
        DateTimeOffset? renewedUntil = null)
    {
        ArgumentNullException.ThrowIfNull(billing);
        ArgumentNullException.ThrowIfNull(settings);
        if (!billing.IsLeased)
        {
            return 0;
        }

        var due = PeriodEnd(billing, createdAt, idleSince);
        if (idleSince > due - settings.HourMargin)
        {
            // It became idle inside the margin: its deletion began at once and may still end after the boundary.
            due += billing.Granularity;
        }

        due = renewedUntil > due ? renewedUntil.Value : due;
        return goneAt <= due ? 0 : (int)(((goneAt - due).Ticks + billing.Granularity.Ticks - 1) / billing.Granularity.Ticks);
    }
}
