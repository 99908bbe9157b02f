namespace FjBellows.Workers.Life;

/// <summary>Every limit of a worker that fires by time alone, so that one timer serves all of them (B7).</summary>
internal static class Deadlines
{
    /// <summary>Upper limit of the timer: the wall clock may have been set meanwhile.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    // What the journal says may be old, and its times may be by another clock. The listing and the connection that correct it are asked for
    // at the start and take a moment; where they fail for so long, the journal decides.
    private static readonly TimeSpan AfterRestart = TimeSpan.FromMinutes(2);

    /// <summary>How long until a deadline is reached: from zero to a minute.</summary>
    public static TimeSpan Next(Worker w, Moment at)
    {
        TimeSpan? earliest = null;
        foreach (var (deadline, _) in All(w, at))
        {
            earliest = Earliest(earliest, deadline);
        }

        var left = earliest - at.Elapsed ?? Longest;
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < Longest ? left : Longest;
    }

    /// <summary>Runs the decision of the first row of <see cref="All"/> that is due; changes nothing when none is.</summary>
    public static Step Reached(Worker w, Moment at)
    {
        foreach (var (deadline, decide) in All(w, at))
        {
            if (deadline <= at.Elapsed)
            {
                return decide(w, at);
            }
        }

        return Step.Of(w);
    }

    /// <summary>When an idle worker drains: the one rule for it (B1), on the wall clock, since billing follows the cloud's.</summary>
    public static DateTimeOffset? Teardown(Worker w, Moment at)
    {
        // A minimum charge is used up by the time that passed since the instance became known, whatever the wall clock was set to
        // meanwhile.
        var known = at.Now - (at.Elapsed - w.Since.Known);
        var state = !at.Billing.IsLeased && w.State.CreatedAt > known ? w.State with { CreatedAt = known } : w.State;
        return state.TeardownDeadline(at.Billing, at.Settings.Teardown, at.Now, w.IdleSince(at));
    }

    /// <summary>The earlier of two moments, of which either may be missing.</summary>
    public static TimeSpan? Earliest(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b : a;

    /// <summary>
    /// Every deadline of a worker. <c>At</c> is on <see cref="Moment.Elapsed"/>, not wall time; null where the deadline does not run. Of
    /// all rows that are due the first one decides, and it alone. So a decision must leave its own row null or in the future: a row that
    /// stays due is reached again without a pause, and those below it never are. <c>WorkerLifeProperties</c> checks it in random states.
    /// </summary>
    internal static IReadOnlyList<(TimeSpan? At, Func<Worker, Moment, Step> Decide)> All(Worker w, Moment at) =>
    [
        // What ends the worker or its job comes first: nothing may be started or repeated on a machine that is about to go.
        (Overdue.HardEndAt(w, at), Overdue.HardEnd),                                                       // J12
        (UnusableUntil(w, at), Reaching.GiveUp),                                                           // W13 W14
        (BootEndsAt(w, at), Creating.TimedOut),                                                            // W5
        (DrainsAt(w, at), Retiring.AtTeardownDeadline),                                                    // B2 B4

        // A launch fails before it is repeated, or it could start in the moment in which it is given up.
        (LaunchFailsAt(w), Serving.LaunchTimedOut),                                                        // W16
        (w.Job?.LaunchAt, Serving.LaunchAgain),                                                            // W16

        // Why a process must end is decided before its next signal: the cause sets the grace between signals. Of two causes the limit of
        // the pool is recorded, since it ends the job in any case.
        (Overdue.RuntimeAt(w, at), Overdue.RanTooLong),                                                    // J8
        (Overdue.CancelAt(w, at), Overdue.Cancelled),                                                      // J9
        (w.Job?.Ending?.NextAt, Overdue.Next),                                                             // J9 J12

        // Questions about a job: one that is given up is not asked again.
        (Evidence.GiveUpAt(w), Evidence.GiveUpAsking),                                                     // J11
        (Evidence.AskAt(w), (next, _) => Evidence.Ask(next)),                                              // J7 J9
        (InspectAt(w), Overdue.Inspect),                                                                   // J12

        // The last question of a draining worker. Only one of the two runs: a process that is found ends the question.
        (Retiring.AskedUntil(w, at), Deleting.Begin),                                                         // W10
        (Retiring.KillAt(w, at), Retiring.KillStray),                                                      // J12

        // Repetitions and reports: none affects another, so their order is free.
        (w.CleanUps.IsEmpty ? null : w.CleanUps.Values.Min(c => c.NextAt), CleaningUp.Retry),              // W16
        ((w.Creation as Creation.Finding)?.NextAt, (next, _) => Creating.FindAgain(next)),                 // W2
        (w.Reach.AskAddressAt, (next, _) => Reaching.AskAddress(next)),                                    // W11
        (w.Phase == WorkerPhase.Removing ? w.Deletion.NextAt : null, (next, _) => Deleting.Delete(next)),  // W7
        (w.Deletion.PurgeAt, (next, _) => Deleting.Purge(next)),                                           // R7
        (Overdue.AgeAt(w, at), Overdue.Age),                                                               // J8
        (Reporting.RepeatAt(w), (next, now) => Reporting.Ended(next, now)),                                // J10
    ];

    /// <summary>When a worker that cannot be used is given up; null while it can, or while nothing waits for it.</summary>
    private static TimeSpan? UnusableUntil(Worker w, Moment at) => w switch
    {
        { IsUsable: true } or { Job.Exit: not null } => null,
        { Phase: WorkerPhase.Idle } => w.Reach.UnusableSince + at.Timeouts.IdleConnectionLoss,
        { Phase: WorkerPhase.Busy } or { Phase: WorkerPhase.Draining, State.Current: not null } or { Stray: not null } =>
            w.Reach.UnusableSince + at.Timeouts.BusyConnectionLoss,
        _ => null,
    };

    /// <summary>When a worker that never was ready is given up. An older journal that was restored may not know that it was, and that it
    /// has a job (W10), so after a restart it is reached first.</summary>
    private static TimeSpan? BootEndsAt(Worker w, Moment at)
    {
        if (w is not { Phase: WorkerPhase.Provisioning, State.InstanceId: not null })
        {
            return null;
        }

        var deadline = w.Since.Known + at.Timeouts.Boot;
        return w.Resumed ? Later(deadline, w.Since.Resumed + AfterRestart) : deadline;
    }

    /// <summary>The teardown deadline of an idle worker. After a restart a listing comes first: the journal may have the creation time by a
    /// clock that has been set since (B7).</summary>
    private static TimeSpan? DrainsAt(Worker w, Moment at)
    {
        if (w.Phase != WorkerPhase.Idle || Teardown(w, at) is not { } due)
        {
            return null;
        }

        var deadline = at.Elapsed + (due - at.Now);
        return w.Resumed && !w.WasListed ? Later(deadline, w.Since.Resumed + AfterRestart) : deadline;
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a < b ? b : a;

    /// <summary>When the worker is asked next whether the job's process, or one that no journal knows, lives (J12).</summary>
    private static TimeSpan? InspectAt(Worker w) =>
        w is { Job.Exit: null, State.Current.StartedAt: not null } ? w.Job.InspectAt : w.Stray?.InspectAt;

    /// <summary>A launch that may have reached a worker which then went out of reach is given the time that a job gets. After a restart
    /// every launch of a registered runner may have.</summary>
    private static TimeSpan? LaunchFailsAt(Worker w) => w is { State.Current: { StartedAt: null } current, Job: { Exit: null } job }
            && (w.Reach.Linked || !(job.LaunchSent || (current.RunnerId is not null && job.Launch is null)))
        ? w.Since.Job + Serving.LaunchLimit
        : null;
}
