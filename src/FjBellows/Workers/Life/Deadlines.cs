namespace FjBellows.Workers.Life;

/// <summary>When something is next to be decided without an input. Everything that has a time limit is here, so that one timer serves all
/// (B7).</summary>
internal static class Deadlines
{
    /// <summary>Nothing waits longer for another look: the wall clock may have been set meanwhile.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    // What the journal says may be old, and its times may be by another clock. The listing and the connection that correct it are asked for at
    // the start and take a moment; where they fail for so long, the journal is all there is.
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

    /// <summary>What is to be decided at the first deadline that is reached; nothing when none is.</summary>
    /// <param name="w">The worker.</param>
    /// <param name="at">Now.</param>
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
    /// <param name="w">The worker.</param>
    /// <param name="at">Now.</param>
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

    /// <summary>Every deadline of a worker. Of all that are due the first decides.</summary>
    private static IEnumerable<(TimeSpan? At, Func<Worker, Moment, Step> Decide)> All(Worker w, Moment at) =>
    [
        (Overdue.HardEndAt(w, at), Overdue.HardEnd),                                                                       // J12
        (Absent(w, at), Reaching.GiveUp),                                                                                  // W13 W14
        (BootAt(w, at),
            Launching.TimedOut), // W5
        (TeardownAt(w, at),
            Retiring.AtTeardownDeadline), // B2 B4
        (LaunchFailsAt(w), Serving.LaunchTimedOut),                                                                        // W16
        (w.Job?.LaunchAt, Serving.TryLaunch),                                                                              // W16
        (Overdue.RuntimeAt(w, at), Overdue.RanTooLong),                                                                    // J8
        (Overdue.CancelAt(w, at), Overdue.Cancelled),                                                                      // J9
        (w.Job?.Ending?.NextAt, Overdue.Next),                                                                             // J9 J12
        (Evidence.GiveUpAt(w), Evidence.GiveUpAsking),                                                                     // J11
        (w is { State.Current.RunnerId: not null } and ({ State.Current.StartedAt: not null } or { Job.Exit: not null })
            ? w.Job?.Runner.NextAt
            : null, (next, _) => Evidence.Ask(next)), // J7 J9
        (w is { Job.Exit: null, State.Current.StartedAt: not null } ? w.Job.InspectAt : w.Stray?.InspectAt, Overdue.Inspect), // J12
        (Retiring.AskedAt(w, at), Deleting.Begin),                                                                         // W10
        (Retiring.KillAt(w, at), Retiring.KillStray),                                                                      // J12
        (w.CleanUps.IsEmpty ? null : w.CleanUps.Values.Min(c => c.NextAt), CleaningUp.Retry),                              // W16
        ((w.Creation as Creation.Finding)?.NextAt, (next, _) => Finding(next)),                                            // W2
        (w.Reach.AskAddressAt, (next, _) => Reaching.AskAddress(next)),                                                    // W11
        (w.Phase == WorkerPhase.Removing ? w.Deletion.NextAt : null, (next, _) => Deleting.Delete(next)),                  // W7
        (w.Deletion.PurgeAt, (next, _) => Deleting.Purge(next)),                                                           // R7
        (Overdue.AgeAt(w, at), Overdue.Age),                                                                                   // J8
        (Reporting.RepeatAt(w), (next, now) => Reporting.Ended(next, now)),                                                // J10
    ];

    /// <summary>When a worker that never was ready is given up. An older journal that was restored may not know that it was, and that it has a
    /// job (W10).</summary>
    private static TimeSpan? BootAt(Worker w, Moment at)
    {
        if (w is not { Phase: WorkerPhase.Provisioning, State.InstanceId: not null })
        {
            return null;
        }

        var deadline = w.Since.Known + at.Timeouts.Boot;
        var reached = w.Resumed ? w.Since.Resumed + AfterRestart : deadline;
        return reached > deadline ? reached : deadline;
    }

    /// <summary>The teardown deadline of an idle worker. After a restart a listing comes first: the journal may have the creation time by a
    /// clock that has been set since (B7).</summary>
    private static TimeSpan? TeardownAt(Worker w, Moment at)
    {
        if (w.Phase != WorkerPhase.Idle || Teardown(w, at) is not { } due)
        {
            return null;
        }

        var deadline = at.Elapsed + (due - at.Now);
        var listed = w.Resumed && !w.WasListed ? w.Since.Resumed + AfterRestart : deadline;
        return listed > deadline ? listed : deadline;
    }

    /// <summary>When a worker that is not usable is given up; null while it is usable, or has nothing that waits for it.</summary>
    private static TimeSpan? Absent(Worker w, Moment at) => w switch
    {
        { IsUsable: true } or { Job.Exit: not null } => null,
        { Phase: WorkerPhase.Idle } => w.Reach.UnusableSince + at.Timeouts.IdleLinkLoss,
        { Phase: WorkerPhase.Busy } or { Phase: WorkerPhase.Draining, State.Current: not null } or { Stray: not null } =>
            w.Reach.UnusableSince + at.Timeouts.BusyLinkLoss,
        _ => null,
    };

    /// <summary>A launch that may have reached a worker which then went out of reach is given the time that a job gets. After a restart
    /// every launch of a registered runner may have.</summary>
    private static TimeSpan? LaunchFailsAt(Worker w) => w is { State.Current: { StartedAt: null } current, Job: { Exit: null } job }
            && (w.Reach.Linked || !(job.LaunchSent || (current.RunnerId is not null && job.Launch is null)))
        ? w.Since.Job + Serving.LaunchLimit
        : null;

    private static Step Finding(Worker w) => w.Creation is Creation.Finding finding
        ? Step.Of(w with { Creation = finding with { NextAt = null } }).Do(new Effect.FindInstance())
        : Step.Of(w);
}
