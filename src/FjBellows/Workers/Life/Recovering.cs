using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>Goes on from where the journal ends (invariants W2, W13, W14, J10).</summary>
internal static class Recovering
{
    public static Step Resume(Worker read, Moment at)
    {
        var w = read with
        {
            Since = Anchors.Of(read.State, at),
            Job = read.State.Current is null ? null : new JobRun(),
            Reach = new Reach { UnlinkedSince = at.Elapsed, UnusableSince = at.Elapsed },
        };
        if (w.Phase is null)
        {
            // A planned worker whose journal is empty never called the cloud.
            return w.Resumed ? Deleting.ReportGone(w, "the daemon stopped before it was created", at, recovered: true) : Step.Of(w);
        }

        var reported = Reporting.Ended(w, at, recovered: true);
        if (w.Phase == WorkerPhase.Removed)
        {
            return reported.Then(next => Deleting.ReportGone(next, next.State.Why, at, recovered: true));
        }

        return reported
            .Do(new Effect.Tell(new Changed(Views.View(w, at), w.Resumed)))
            .Then(next => GoOn(next, at));
    }

    private static Step GoOn(Worker w, Moment at) => w switch
    {
        { Phase: WorkerPhase.Removing, State.InstanceId: not null } => Deleting.Delete(w),

        // Whether the create call ever left is not known: look before anything else is created (W2).
        { State.InstanceId: null } => Creating.Find(w, at),
        { State.Current: { RunnerId: null } } => Reaching.Open(w, at).Then(next => Serving.End(
            next,

            // A process is started only after its registration was journaled: there is none.
            new Outcome(
                OutcomeKind.FailedToStart, OutcomeCause.DaemonStopped, null, "the daemon stopped before the job's runner was registered"),
            at)),
        { Phase: WorkerPhase.Draining, State.Current: null } => Reaching.Open(w, at).Then(next => Retiring.AskForProcesses(next, at)),
        { State.Current.StartedAt: not null } => Reaching.Open(w with { Job = Evidence.FromStart(w.Job!, at) }, at),
        _ => Reaching.Open(w, at),
    };
}
