using System.Collections.Immutable;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>Keeps idle workers beyond those that jobs need: the longest kept first, and new ones for what is missing.</summary>
/// <param name="inner">What is provisioned for jobs.</param>
/// <param name="terms">How time is billed.</param>
internal sealed class KeepReserve(IProvisioningPolicy inner, Reserve reserve, WorkerTerms terms) : IProvisioningPolicy
{
    /// <inheritdoc />
    public void Order(PlanInput input, List<KnownJob> due) => inner.Order(input, due);

    /// <inheritdoc />
    public ProvisioningAdvice Advise(Shortage shortage)
    {
        var (input, advice) = (shortage.Input, inner.Advise(shortage));
        var renewing =
            input.Workers
                .Where(w => w is { KeptUntil: not null, View: { Phase: WorkerPhase.Idle, Usable: true } }
                    && w.View.TeardownDeadline <= input.Now);
        var kept = renewing.Concat(shortage.Spare).Take(reserve.Count).Select(w => w.Name).ToImmutableHashSet(StringComparer.Ordinal);
        var provisions = advice.Provisions.Count;
        var coming = Math.Max(0, shortage.Coming + provisions - shortage.Jobs.Count);
        var count = Math.Clamp(shortage.Room - provisions, 0, Math.Max(0, reserve.Count - kept.Count - coming));
        // No billing period is begun for the last minutes of a window; a worker at its teardown deadline goes by the same measure.
        if (count == 0 || (terms.Billing.IsLeased && reserve.Until - input.Now <= terms.HourMargin * 2))
        {
            return advice with { Kept = kept };
        }

        var provision = new PlannedProvision(null, new ProvisionReason.ForReserve(reserve.Count, reserve.Why, kept.Count, coming));
        return advice with { Kept = kept, Provisions = [.. advice.Provisions, .. Enumerable.Repeat(provision, count)] };
    }
}
