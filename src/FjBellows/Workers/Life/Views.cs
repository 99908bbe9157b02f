using FjBellows.Billing;

namespace FjBellows.Workers.Life;

/// <summary>A worker as the pool sees it.</summary>
internal static class Views
{
    /// <summary>The report to the pool: what its journal says, and what is only true now.</summary>
    public static WorkerView View(Worker w, Moment at) => new()
    {
        Name = w.Name,
        Phase = w.Phase ?? WorkerPhase.Provisioning,
        Usable = w.IsUsable,
        InstanceId = w.State.InstanceId,
        Addresses = w.State.Addresses,
        Placement = w.State.Placement,
        PlannedAt = w.State.PlannedAt,
        CreatedAt = w.State.CreatedAt,
        ReadyAt = w.State.ReadyAt,
        IdleSince = w.Phase == WorkerPhase.Idle ? w.IdleSince(at) : null,
        TeardownDeadline = w.Phase is WorkerPhase.Idle or WorkerPhase.Busy ? Deadlines.Teardown(w, at) : null,
        BilledUntil = w.State.CreatedAt is { } created ? BilledTime.BilledUntil(at.Billing, created, at.Now, w.State.HourlyPrice) : null,
        HourlyPrice = w.State.HourlyPrice,
        Current = w.State.Current,
        HadTask = w.Job is { HadTask: true },
        JobsRun = w.State.JobsRun,
        Busy = w.State.Busy,
        Why = w.State.Why,
        ReasonCode = w.State.ReasonCode,
        ConnectedSince = At(w.IsUsable ? w.Reach.UsableSince ?? at.Elapsed : null, at),
        DisconnectedSince = At(w.IsUsable ? null : w.Reach.UnusableSince ?? at.Elapsed, at),
        OwnFailures = w.State.OwnFailures,
    };

    /// <summary>The ledger of its life.</summary>
    /// <param name="end">Why it ended.</param>
    public static WorkerLedger Ledger(Worker w, string end, Moment at)
    {
        var s = w.State;
        var gone = s.Phase == WorkerPhase.Removed ? s.PhaseSince : at.Now;
        return new WorkerLedger(
            at.Settings.Name,
            w.Name,
            s.InstanceId?.Value,
            s.Placement,
            s.Phase is null ? gone : s.PlannedAt,
            s.CreatedAt,
            s.ReadyAt,
            gone,
            s.Busy,
            s.CreatedAt is { } created ? BilledTime.Of(at.Billing, gone - created, s.HourlyPrice) : TimeSpan.Zero,
            s.HourlyPrice,
            s.JobsRun,
            s is { CreatedAt: { } since, IdleSince: { } idle }
                ? TeardownPolicy.MissedBoundaries(at.Billing, at.Settings.Teardown, since, idle, gone, s.RenewedUntil)
                : 0,
            s.PlannedWhy,
            end);
    }

    private static DateTimeOffset? At(TimeSpan? moment, Moment at) => moment is { } then ? at.Now - (at.Elapsed - then) : null;
}
