using static FjBellows.Workers.Life.WorkerInput;
using static FjBellows.Workers.Session.SessionProtocol;
using static FjBellows.Workers.WorkerPhase;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>The whole life of a worker: what follows from an input in each phase. Pure; an input that no arm takes changes nothing
/// (invariant W6). Each arm names the rules that it keeps (docs/invariants.md).</summary>
internal static class WorkerLife
{
    /// <summary>What follows from an input.</summary>
    /// <param name="input">A command of the pool, a report of its session, the answer of an effect, or time.</param>
    public static Step Decide(Worker worker, IWorkerInput input, Moment at)
    {
        // What was noted by the clock before it was set is corrected before anything is decided by it.
        var step = worker.WallOffset is { } offset && at.Now - at.Elapsed - offset is var by && by.Duration() > Correcting.Tolerance
            ? Correcting.ClockWasSet(worker, by, at).Then(next => Table(next, input, at))
            : Table(worker, input, at);
        step = step with { Next = Settle(step.Next, at) };

        // The bound on cost counts jobs that ran: the pool hears of it at once (W18).
        return worker.Job is { HadTask: false } && step.Next.Job is { HadTask: true } ? step.Report(at) : step;
    }

    private static Step Table(Worker w, IWorkerInput input, Moment at) => (w.Phase, input) switch
    {
        // From the intent to readiness
        (_, Recovered) => Recovering.Resume(w, at),                                                                  // W2 W13 W14
        (null, Provision m) => Creating.Begin(w, m),                                                                 // W1
        (null, AdoptOrphan m) => Retiring.Adopt(w, m, at),                                                           // O2
        (null, Seeded m) => Creating.Intend(w, m, at),                                                               // W2
        (null, SeedFailed m) => Creating.NotSeeded(w, m, at),                                                        // R2
        (Provisioning or Removing, Created m) => Creating.Identified(w, m.Instance, foundByName: false, at),         // W3
        (Provisioning or Removing, CreateFailed m) => Creating.NotCreated(w, m, at),                                 // W2 R2
        (Provisioning or Removing, FindAnswered m) => Creating.Found(w, m, at),                                      // W2
        (Provisioning or Removing, FindFailed m) => Creating.NotFound(w, m, at),                                     // W2
        (not (null or Removed), InstanceSeen m) => Creating.Seen(w, m, at),                                          // W3 W11
        (not (null or Removed), InstanceAnswered m) => Reaching.Answered(w, m, at),                                  // W11

        // The connection
        (not (null or Removing or Removed), Ready m) => Reaching.Connected(w, m, at),                                // W4 W13 W14 S2
        (not (null or Removing or Removed), NotReady m) => Reaching.NotReadyYet(w, m, at),                           // W5
        (not (null or Removing or Removed), Down m) => Reaching.Lost(w, m, at),                                      // S1 W20

        // A job
        (Idle, Assign m) when Serving.CanTakeJob(w, at) => Serving.Assign(w, m, at),                                 // W8 B3
        (not null, Assign m) => Serving.Refuse(w, m, at),                                                            // J5
        (not null, Registered m) => Serving.Registered(w, m, at),                                                    // W6 O4
        (Busy or Draining, RegisterFailed m) when w.Runs(m.Dispatch) => Serving.NotRegistered(w, m, at),             // R2
        (Busy or Draining, Launched m) when w.Runs(m.Dispatch) => Serving.Started(w, at),                            // W8
        (Busy or Draining, LaunchFailed m) when w.Runs(m.Dispatch) => Serving.End(w, NotLaunched(m), at),            // W9
        (Busy or Draining, RunnerSaid m) => Evidence.Said(w, m, at),                                                 // J7
        (Busy or Draining, RunnerMissing m) when w.State.Current?.RunnerId == m.RunnerId => Evidence.Ask(w),         // J9
        (Busy or Draining, RunnerAnswered m) => Evidence.Answered(w, m, at),                                         // J7 J9 J11 J17
        (Busy or Draining, RunnerUnknown m) => Evidence.Unknown(w, m, at),                                           // R2
        (Busy or Draining, Ended m) when w.Runs(m.Dispatch) => Evidence.Exited(w, m.Exit, at),                       // J10 J11
        (Draining, Ended m) when w.Stray?.Dispatch == m.Dispatch => Retiring.StrayEnded(w, m.Dispatch, at),          // W10
        (Busy or Draining, WaitEnded m) when w.Runs(m.Dispatch) => Overdue.WaitEnded(w, m.How, at),                  // J7 J16
        (_, Signalled m) => Overdue.Signalled(w, m),                                                                 // J12
        (_, Cleaned m) => CleaningUp.Done(w, m, at),                                                                 // W13
        (_, CleanUpFailed m) => CleaningUp.Failed(w, m, at),                                                         // W16
        (_, CommandFailed { Command: Launch }) => Serving.LaunchUnclear(w, at),                                      // W16
        (_, CommandFailed { Command: EndWait m }) when w.Runs(m.Dispatch) => Step.Of(Overdue.Waiting(w)),            // J7
        (_, CommandFailed { Command: Signal m }) => Overdue.NotSignalled(w, m.Dispatch, at),                         // J12

        // The end
        (Idle, KeepInReserve m) => Step.Of(w with { KeepUntil = m.Until }),                                          // B2
        (not (Removing or Removed), Drain m) => Retiring.Request(w, m.Reason, at),                                   // R4
        (null, Delete m) => Creating.Abandon(w, m.Reason),                                                           // W2
        (not (Removing or Removed), Delete m) => Deleting.Begin(w, m.Reason, at),                                    // W15
        (Draining, Inspected m) when m.Round == w.Round && w.Job is null => Retiring.Inspected(w, m.Processes, at),  // W10
        (Busy or Draining, Inspected m) when m.Round == w.Round => Overdue.Inspected(w, m.Processes, at),            // J12
        (Provisioning or Idle or Busy or Draining, InstanceMissing m) => Absence.Suspect(w, m, at),                  // W11 W12
        (Removing, DeleteAnswered m) => Deleting.Deleted(w, m, at),                                                  // W7
        (Removing, DeleteFailed m) => Deleting.NotDeleted(w, m, at),                                                 // W7 B5
        (not null, OutcomeRecorded m) => Deleting.Recorded(w, m, at),                                                // J10
        (null or Removed, Purge) => Deleting.Purge(w),                                                               // R7
        (null or Removed, Forgotten) => Deleting.Forgotten(w),                                                       // R7
        (null or Removed, NotForgotten m) => Deleting.NotForgotten(w, m, at),                                        // R7

        // Time
        (not (null or Removed), SettingsChanged) => Step.Of(w).Report(at),                                           // B1
        (_, DeadlineReached) => Deadlines.Reached(w, at),                                                            // B7
        _ => Step.Of(w),
    };

    private static Outcome NotLaunched(LaunchFailed m) => new(OutcomeKind.FailedToStart, OutcomeCause.LaunchFailed, null, m.Detail);

    /// <summary>Notes since when the worker is reached and usable, and how far the wall clock is from the one that cannot be set.</summary>
    private static Worker Settle(Worker w, Moment at)
    {
        var reach = w.Reach with
        {
            UnlinkedSince = w.Reach.Linked ? null : w.Reach.UnlinkedSince ?? at.Elapsed,
            UnusableSince = w.IsUsable ? null : w.Reach.UnusableSince ?? at.Elapsed,
            UsableSince = w.IsUsable ? w.Reach.UsableSince ?? at.Elapsed : null,
        };

        // What cannot be journaled now is corrected once it can.
        var offset = at.JournalFails ? w.WallOffset : null;
        return w with { Reach = reach == w.Reach ? w.Reach : reach, WallOffset = offset ?? at.Now - at.Elapsed };
    }
}
