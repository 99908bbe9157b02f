using FjBellows.Billing;
using FjBellows.Workers;

namespace FjBellows.Costs;

/// <summary>What jobs and workers cost: a pure function of what was recorded of them, and the same for a real and a simulated
/// pool.</summary>
public sealed record CostReport
{
    /// <summary>Jobs that ran, whatever became of them.</summary>
    public int Jobs { get; init; }

    /// <summary>Workers created.</summary>
    public int Workers { get; init; }

    /// <summary>Jobs that began on a worker that was ready already.</summary>
    public int WarmStarts { get; init; }

    /// <summary>Time billed.</summary>
    public TimeSpan Billed { get; init; }

    /// <summary>Time in which jobs ran.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>Time from the start of billing to the first readiness.</summary>
    public TimeSpan Boot { get; init; }

    /// <summary>Time billed in which nothing ran and nothing booted, deletion and the rest of the last billing period included.</summary>
    public TimeSpan Idle => Billed > Busy + Boot ? Billed - Busy - Boot : TimeSpan.Zero;

    /// <summary>Which part of the time billed jobs ran in; 0 where nothing was billed.</summary>
    public double UsedShare => Billed > TimeSpan.Zero ? Busy / Billed : 0;

    /// <summary>The money; null where a worker's price is not known.</summary>
    public decimal? Money { get; init; }

    /// <summary>The least that any schedule with immediate start could have been billed (<see cref="LeaseBound"/>).</summary>
    public TimeSpan LeastBilled { get; init; }

    /// <summary>Time billed against the least; below 1 where jobs waited to save it; null where the least is nothing.</summary>
    public double? Ratio => LeastBilled > TimeSpan.Zero ? Billed / LeastBilled : null;

    /// <summary>Billing periods that began for nothing (invariant B2).</summary>
    public int MissedBoundaries { get; init; }

    /// <summary>How long jobs waited.</summary>
    public WaitFigures Waits { get; init; } = WaitFigures.Of([]);

    /// <summary>The report.</summary>
    /// <param name="outcomes">The dispatches that ended, each on one of the workers (<see cref="Settled"/>).</param>
    /// <param name="ledgers">The workers; one that still exists as <see cref="SoFar"/>.</param>
    /// <param name="billing">The cloud's model.</param>
    public static CostReport Of(
        IReadOnlyCollection<DispatchOutcome> outcomes, IReadOnlyCollection<WorkerLedger> ledgers, BillingModel billing)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(ledgers);
        var ran = outcomes.Where(Ran).ToArray();
        var bought = ledgers.Where(l => l.CreatedAt is not null).ToArray();
        return new CostReport
        {
            Jobs = ran.Length,
            Workers = bought.Length,
            WarmStarts = ran.Count(o => o.Assignment.Warm),
            Billed = Sum(bought.Select(l => l.Billed)),
            Busy = Sum(bought.Select(l => l.Busy)),
            Boot = Sum(bought.Select(l => l.ReadyAt is { } ready && ready > l.CreatedAt ? ready - l.CreatedAt.Value : TimeSpan.Zero)),
            Money = bought.All(l => l.HourlyPrice is not null)
                ? bought.Sum(l => (decimal)l.Billed.TotalHours * l.HourlyPrice!.Value)
                : null,
            LeastBilled = LeaseBound.Billed(ran.Select(Needed), billing),
            MissedBoundaries = bought.Sum(l => l.MissedBoundaries),
            Waits = WaitsOf(ran),
        };
    }

    /// <summary>The dispatches whose workers have a ledger. What a worker that still exists ran is in no sum of theirs: counted with them
    /// it would raise the least that could have been billed, and not what was.</summary>
    /// <param name="outcomes">The dispatches that ended.</param>
    /// <param name="ledgers">The workers.</param>
    public static IReadOnlyList<DispatchOutcome> Settled(IEnumerable<DispatchOutcome> outcomes, IEnumerable<WorkerLedger> ledgers)
    {
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(ledgers);
        var gone = ledgers.Select(l => l.Worker).ToHashSet(StringComparer.Ordinal);
        return [.. outcomes.Where(o => gone.Contains(o.Worker))];
    }

    /// <summary>When a job would have run with immediate start.</summary>
    /// <param name="outcome">Its dispatch.</param>
    public static BusySpan Needed(DispatchOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var came = outcome.Assignment.SeenAt ?? outcome.Assignment.AssignedAt;
        return new BusySpan(came, came + outcome.Ran);
    }

    /// <summary>What can be said of a worker that still exists.</summary>
    /// <param name="billing">The cloud's model.</param>
    public static WorkerLedger SoFar(string pool, WorkerView worker, BillingModel billing, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(worker);
        var running = worker.Current?.StartedAt is { } started && now > started ? now - started : TimeSpan.Zero;
        return new WorkerLedger(
            pool,
            worker.Name,
            worker.InstanceId?.Value,
            worker.Placement,
            worker.PlannedAt,
            worker.CreatedAt,
            worker.ReadyAt,
            now,
            worker.Busy + running,
            worker.CreatedAt is { } created ? BilledTime.Of(billing, now - created, worker.HourlyPrice) : TimeSpan.Zero,
            worker.HourlyPrice,
            worker.JobsRun,
            0,
            "",
            "");
    }

    /// <summary>True for a dispatch whose process ran a task.</summary>
    /// <param name="outcome">The dispatch.</param>
    public static bool Ran(DispatchOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        return outcome.Assignment.StartedAt is not null && outcome.Kind is not (OutcomeKind.NoTask or OutcomeKind.FailedToStart);
    }

    internal static WaitFigures WaitsOf(IEnumerable<DispatchOutcome> ran) => WaitFigures.Of(
        ran.Where(o => o.Assignment.SeenAt is not null).Select(o => o.Assignment.StartedAt!.Value - o.Assignment.SeenAt!.Value));

    internal static TimeSpan Sum(IEnumerable<TimeSpan> times) => TimeSpan.FromTicks(times.Sum(t => t.Ticks));
}
