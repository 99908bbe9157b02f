using FjBellows.Dispatch;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.Life.WorkerInput;
using static FjBellows.Workers.Session.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>No further job, and the last question whether a runner lives (invariants B2, B3, W10, O2).</summary>
internal static class Retiring
{
    private static readonly TimeSpan KillAgain = TimeSpan.FromSeconds(10);

    /// <summary>Drains, whatever the phase: before readiness there is nothing to wait for.</summary>
    public static Step Request(Worker w, RemovalReason reason, Moment at) => w.Phase switch
    {
        null => Creating.Abandon(w, reason),
        WorkerPhase.Provisioning => Deleting.Begin(w, reason, at),
        WorkerPhase.Idle or WorkerPhase.Busy => Begin(w, reason, at),
        _ => Step.Of(w),
    };

    /// <summary>Takes no job any more; one without a job is asked for processes at once (W10).</summary>
    public static Step Begin(Worker w, RemovalReason reason, Moment at)
    {
        var step = Step.Of(w).Record(at, DrainStarted.For(at.Now, reason)).Report(at);
        return w.State.Current is null ? step.Then(next => AskForProcesses(next, at)) : step;
    }

    /// <summary>Idle at its teardown deadline: another billing period for the reserve, or the end (B2).</summary>
    public static Step AtTeardownDeadline(Worker w, Moment at)
    {
        var deadline = Deadlines.Teardown(w, at)!.Value;
        if (RenewUntil(w, deadline, at) is { } renewed)
        {
            return Step.Of(w).Record(at, new BillingRenewed(at.Now, renewed)).Report(at);
        }

        return Begin(
            w,
            at.Billing.IsLeased
                ? new RemovalReason.TeardownDeadline(deadline, at.Settings.Teardown.HourMargin)
                : new RemovalReason.IdleTimeout(at.Settings.Teardown.IdleTimeout),
            at);
    }

    /// <summary>Takes over an orphan; it is connected to only with a key, since anything could answer without one (O2, S1).</summary>
    public static Step Adopt(Worker w, AdoptOrphan m, Moment at)
    {
        var i = m.Instance;
        var known = Step.Of(w with { OrphanRunner = m.Runner })
            .Record(at, new InstanceCreated(at.Now, i.Id, i.CreatedAt, i.Addresses, i.Placement, i.HourlyPrice, Adopted: true));
        return m.HostKey is not { } key
            ? known.Record(at, RemovalStarted.For(at.Now, m.Reason)).Report(at).Then(Deleting.Delete)
            : known
                .Record(at, new HostKeyPinned(at.Now, key))
                .Record(at, DrainStarted.For(at.Now, m.Reason))
                .Report(at)
                .Then(next => Reaching.Open(next, at))
                .Then(next => AskForProcesses(next, at));
    }

    /// <summary>Asks the worker whether a runner process lives, before it is deleted (W10).</summary>
    public static Step AskForProcesses(Worker w, Moment at)
    {
        var asked = w with { Round = w.Round + 1, ProcessQuery = new ProcessQuery(at.Elapsed) };
        return w.Reach.Linked ? Step.Of(asked).Do(new Effect.ToSession(new Inspect(asked.Round))) : Step.Of(asked);
    }

    /// <summary>When the worker has been asked for long enough; null while it is not asked. An orphan is asked for as long as a job may be
    /// silent.</summary>
    public static TimeSpan? AskedUntil(Worker w, Moment at) =>
        w is { Phase: WorkerPhase.Draining, State.Current: null, Stray: null, ProcessQuery: { } query }
        ? query.Since + (w.IsOrphan ? at.Timeouts.BusyConnectionLoss : at.Timeouts.IdleProof)
        : null;

    /// <summary>The answer: nothing lives, and the instance is deleted; or something does, and it waits (W10).</summary>
    public static Step Inspected(Worker w, IReadOnlyList<RunnerProcess> processes, Moment at)
    {
        if (w is not { Phase: WorkerPhase.Draining, State.Current: null })
        {
            return Step.Of(w);
        }

        if (processes.FirstOrDefault(p => p.Alive) is not { } alive)
        {
            return Deleting.Begin(w, at);
        }

        var follow = Step.Of(w with
        {
            ProcessQuery = null,
            Stray = w.Stray?.Dispatch == alive.Dispatch ? w.Stray : new Stray(alive.Dispatch, 0, null, at.Elapsed + Overdue.InspectEvery),
        }).Do(new Effect.ToSession(new Follow(alive.Dispatch, null)));
        return w.Stray?.Dispatch == alive.Dispatch
            ? follow
            : follow.Do(new Effect.Warn(
                "worker {Worker}: a runner process ({Dispatch}) lives on it although it was thought idle; its deletion waits for it",
                w.Name, alive.Dispatch));
    }

    /// <summary>The stray process ended; perhaps there is another.</summary>
    public static Step StrayEnded(Worker w, DispatchId dispatch, Moment at) =>
        Step.Of(w with { Stray = null }).Then(next => CleaningUp.Begin(next, dispatch)).Then(next => AskForProcesses(next, at));

    /// <summary>Asks Forgejo whether the job of a stray process goes on, where its registration is known (J9).</summary>
    public static Step AskForStray(Worker w) =>
        w is { Stray: { IsStopped: false } stray, OrphanRunner: { } runner } && runner.Name == stray.Dispatch.Value
            ? Step.Of(w).Do(new Effect.LookUpRunner(stray.Dispatch, runner.Id, QueuedAs: null))
            : Step.Of(w);

    /// <summary>Forgejo's answer. A job that it stopped delivers nothing: its process gets a while to end by itself (J9).</summary>
    public static Step StrayAnswered(Worker w, RunnerAnswered m, Moment at)
    {
        if (w.Stray is not { IsStopped: false } stray || stray.Dispatch != m.Dispatch || m.Runner is not null)
        {
            return Step.Of(w);
        }

        var killAt = at.Elapsed + at.Timeouts.CancelNotice + at.Timeouts.RevokedGrace;
        return Step.Of(w with { Stray = stray with { IsStopped = true, NextAt = Deadlines.Earliest(stray.NextAt, killAt) } });
    }

    /// <summary>When a stray process is killed (J9, J12); null where there is no limit.</summary>
    public static TimeSpan? KillAt(Worker w, Moment at) => w.Stray is not { } stray ? null
        : stray.NextAt ?? (at.Timeouts.MaxJobRuntime > TimeSpan.Zero ? w.Since.Phase + at.Timeouts.MaxJobRuntime : null);

    /// <summary>The signal may be lost with the connection, so it is sent again until the process is gone.</summary>
    public static Step KillStray(Worker w, Moment at)
    {
        var step = Step.Of(w with { Stray = w.Stray! with { NextAt = at.Elapsed + KillAgain } });
        return w.Reach.Linked ? step.Do(new Effect.ToSession(new Signal(w.Stray.Dispatch, RunnerSignal.Kill))) : step;
    }

    /// <summary>Until when to go on at the teardown deadline; null to drain. The reserve must be wanted for longer than the margin of the
    /// new period, or it would be billed for nothing.</summary>
    private static DateTimeOffset? RenewUntil(Worker w, DateTimeOffset deadline, Moment at)
    {
        var margin = at.Settings.Teardown.HourMargin;
        if (w.KeepUntil is not { } until || !w.IsUsable)
        {
            return null;
        }

        if (!at.Billing.IsLeased)
        {
            return until > at.Now ? until : null;
        }

        var end = deadline + margin;
        return until - margin > end ? end + at.Billing.Granularity : null;
    }
}
