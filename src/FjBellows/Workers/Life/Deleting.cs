using FjBellows.Providers;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.Life.WorkerInput;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>The end: the deletion, the proof of it, and the last reports (invariants W7, J10).</summary>
internal static class Deleting
{
    /// <summary>Deletes now; a running job is lost.</summary>
    public static Step Begin(Worker w, RemovalReason reason, Moment at) => Begin(w, RemovalStarted.For(at.Now, reason), reason, at);

    /// <summary>Deletes a drained worker, for the reason for which it drained.</summary>
    public static Step Begin(Worker w, Moment at) =>
        Begin(w, new RemovalStarted(at.Now, w.State.Why) { Code = w.State.ReasonCode }, null, at);

    /// <summary>Calls the cloud; at most one deletion is under way (W7).</summary>
    public static Step Delete(Worker w) => w is { Phase: WorkerPhase.Removing, State.InstanceId: not null, Deletion.InFlight: false }
        ? Step.Of(w with { Deletion = w.Deletion with { InFlight = true, NextAt = null } }).Do(new Effect.DeleteInstance())
        : Step.Of(w);

    /// <summary>Only a proof of absence ends it.</summary>
    public static Step Deleted(Worker w, DeleteAnswered m, Moment at) => !m.Gone
        ? Retry(w, at.Timeouts.DeleteRetry.After(w.Deletion.Failures + 1), at)
        : Step.Of(w with { Deletion = new Deletion() })
            .Record(at, new InstanceGone(at.Now, "the cloud says that it does not exist"))
            .Then(next => ReportGone(next, next.State.Why, at));

    /// <summary>The delete call failed: it is tried again, later each time, until the instance is proven absent (W7, B5).</summary>
    public static Step NotDeleted(Worker w, DeleteFailed m, Moment at)
    {
        var wait = at.Timeouts.DeleteRetry.After(w.Deletion.Failures + 1);
        wait = (m.Error as CloudException)?.RetryAfter is { } asked && asked > wait ? asked : wait;
        return Retry(w, wait, at).Do(new Effect.Warn(
            "worker {Worker}: failed to delete instance {Instance} ({Error}); it is still billed; retrying in {Wait}, attempt {Attempt}",
            w.Name, w.State.InstanceId!.Value.Value, m.Error.Message, wait, w.Deletion.Failures + 1));
    }

    /// <summary>The pool has recorded an outcome. The last one of a worker that is gone was waited for.</summary>
    public static Step Recorded(Worker w, OutcomeRecorded m, Moment at)
    {
        if (w.State.LastEnded?.Assignment.Dispatch != m.Dispatch || w.Recorded == m.Dispatch)
        {
            return Step.Of(w);
        }

        var next = w with { Recorded = m.Dispatch };
        return w.Phase == WorkerPhase.Removed ? ReportGone(next, w.State.Why, at) : Step.Of(next);
    }

    /// <summary>The last report, once every outcome is recorded.</summary>
    public static Step ReportGone(Worker w, string end, Moment at, bool recovered = false) => w.Unrecorded is not null
        ? Step.Of(w)
        : Step.Of(w).Do(new Effect.Tell(new Gone(Views.Ledger(w, end, at), recovered)));

    public static Step Purge(Worker w) =>
        Step.Of(w with { Deletion = w.Deletion with { Purging = true, PurgeAt = null } }).Do(new Effect.Forget());

    /// <summary>Messages are deleted after a snapshot too: only what was asked for by a purge ends the worker.</summary>
    public static Step Forgotten(Worker w) =>
        !w.Deletion.Purging ? Step.Of(w) : Step.Of(w).Do(new Effect.Tell(new Purged(w.Name))).Do(new Effect.Stop());

    public static Step NotForgotten(Worker w, NotForgotten m, Moment at) => !w.Deletion.Purging
        ? Step.Of(w)
        : Step.Of(w with { Deletion = w.Deletion with { PurgeAt = at.Elapsed + at.Timeouts.DeleteRetry.Longest } })
            .Do(new Effect.Warn("worker {Worker}: failed to delete its journal ({Error}); retrying", w.Name, m.Error.Message));

    private static Step Retry(Worker w, TimeSpan wait, Moment at) => Step.Of(w with
    {
        Deletion = new Deletion { Failures = w.Deletion.Failures + 1, NextAt = at.Elapsed + wait },
    });

    private static Step Begin(Worker w, RemovalStarted started, RemovalReason? reason, Moment at)
    {
        var (lost, calling) = (w.State.Current, w.Creation is Creation.Calling);
        var step = Step.Of(w);
        if (lost is not null)
        {
            step = step.Record(at, Lost(w, started.Why, reason, at));
        }

        step = step
            .Record(at, started)
            .With(next => next with
            {
                Stray = null,
                ProcessQuery = null,
                CleanUps = next.CleanUps.Clear(),
                Reach = next.Reach with { Linked = false, Proven = false, AskAddressAt = null },
            })
            .Do(new Effect.CloseSession());
        if (lost?.RunnerId is { } runner)
        {
            step = step.Do(new Effect.DeleteRunner(runner));
        }

        step = lost is null ? step : step.Then(next => Reporting.Ended(next, at));
        return step.Report(at)
            .Then(next => next.State.InstanceId is not null ? Delete(next) : calling ? Step.Of(next) : Creating.Find(next, at));
    }

    /// <summary>How the job on a worker that is deleted ended.</summary>
    private static JobEnded Lost(Worker w, string why, RemovalReason? reason, Moment at)
    {
        var cancelled = w.Job?.Ending is { Cause: OutcomeCause.Cancelled or OutcomeCause.RuntimeExceeded }
            && reason is RemovalReason.HardEnd;
        return new JobEnded(at.Now, cancelled ? OutcomeKind.Cancelled : OutcomeKind.Lost, null, why)
        {
            Cause = reason switch
            {
                RemovalReason.HardEnd => OutcomeCause.HardEnd,
                RemovalReason.InstanceMissing => OutcomeCause.InstanceMissing,
                RemovalReason.ConnectionLost or RemovalReason.HostKeyMismatch => OutcomeCause.ConnectionAbsent,
                _ => OutcomeCause.WorkerRemoved,
            },
            Ran = w.State.Current!.StartedAt is null ? TimeSpan.Zero : at.Elapsed - w.Since.Started,
            HadTask = !cancelled && w.Job is { HadTask: true },
        };
    }
}
