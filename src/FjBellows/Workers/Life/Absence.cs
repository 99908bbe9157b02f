using FjBellows.Workers.Reasons;
using static FjBellows.Workers.Life.WorkerInput;

namespace FjBellows.Workers.Life;

/// <summary>Decides whether an instance that the cloud no longer lists is gone (invariants W10, W11, W12).</summary>
internal static class Absence
{
    /// <summary>Absence from two listings asked for after the last transition is a suspicion; a query by id decides.</summary>
    public static Step Suspect(Worker w, WorkerProtocol.InstanceMissing m, Moment at)
    {
        if (MayLive(w, at))
        {
            return Step.Of(w with { Absences = w.Absences with { Listings = 0 } });
        }

        if (w.State.InstanceId is null || w.Absences.Asked || m.RequestedAt <= w.State.PhaseSince || m.RequestedAt <= w.State.KnownAt)
        {
            return Step.Of(w);
        }

        var listings = w.Absences.InPhase == w.State.PhaseSince ? w.Absences.Listings + 1 : 1;
        var asks = listings >= 2;
        var next = Step.Of(w with { Absences = new Absences { Listings = listings, InPhase = w.State.PhaseSince, Asked = asks } });
        return asks ? next.Do(new Effect.GetInstance()) : next;
    }

    /// <summary>The answer by id, unless the worker moved on since (W6).</summary>
    public static Step Answered(Worker w, InstanceAnswered m, Moment at)
    {
        var moved = w.Absences.InPhase != w.State.PhaseSince;
        var next = w with { Absences = new Absences() };
        return m is { Instance: null, Error: null } && !moved && !MayLive(w, at)
            && w.Phase is not (WorkerPhase.Removing or WorkerPhase.Removed)
            ? Deleting.Begin(next, new RemovalReason.InstanceMissing(), at)
            : Step.Of(next);
    }

    /// <summary>True while what the cloud says is not enough: the worker answers, or it has a job and its connection was lost so short a
    /// time ago that the break alone proves nothing (W10, W14). Where the connection itself proves absence, the cloud is believed at
    /// once.</summary>
    private static bool MayLive(Worker w, Moment at) => w.Reach.Linked
        || (w.State.Current is not null && !w.Reach.ProvenGone
        && at.Elapsed - (w.Reach.UnlinkedSince ?? at.Elapsed) < at.Timeouts.BusyAbsence);
}
