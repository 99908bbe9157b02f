using System.Globalization;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.Life.WorkerInput;
using static FjBellows.Workers.Session.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>One job at a time: assigned, registered, launched, followed, ended (invariants W8, W14, J10).</summary>
internal static class Serving
{
    /// <summary>How long after its assignment a launch must have started (W16).</summary>
    public static readonly TimeSpan LaunchLimit = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LaunchAgainAfter = TimeSpan.FromSeconds(5);

    // The pool ends a job that takes too long; the runner's own limit is for the time in which no daemon runs.
    private static readonly TimeSpan RunnerSlack = TimeSpan.FromMinutes(15);

    /// <summary>Idle, connected, before its teardown deadline, and with no outcome still to be recorded (B3, J10).</summary>
    public static bool CanTakeJob(Worker w, Moment at) => w.Unrecorded is null && Views.View(w, at).CanTakeJob(at.Now);

    /// <summary>State, job and time change in one step (W8).</summary>
    public static Step Assign(Worker w, Assign m, Moment at)
    {
        var dispatch = new DispatchId(string.Create(CultureInfo.InvariantCulture, $"{w.Name}-{NumberOf(w, at)}"));
        return Step.Of(w)
            .Record(at, new JobAssigned(at.Now, new Assignment(dispatch, m.Job, at.Now, m.Warm) { SeenAt = m.SeenAt }))
            .Report(at)
            .Do(new Effect.RegisterRunner(dispatch, m.Job));
    }

    /// <summary>A number that no dispatch of this worker had. After a restart the journal may be an older one, put back from a copy, that
    /// does not know the last of them (J10): the seconds of the worker's life are ahead of any count.</summary>
    private static int NumberOf(Worker w, Moment at) => Math.Max(
        w.State.Dispatches + 1,
        w.Resumed ? (int)Math.Clamp((at.Now - w.State.PlannedAt).TotalSeconds, 0, int.MaxValue / 2) : 0);

    public static Step Refuse(Worker w, Assign m, Moment at) => Step.Of(w).Do(new Effect.Tell(new AssignRefused(
        Views.View(w, at),
        m.Job.Key,
        $"{w.Name} is " +
        $"{w.Phase}{(w.IsUsable ? "" : ", not connected")}{(w.Unrecorded is null ? "" : ", its last outcome is not recorded yet")}: " +
        $"{w.State.Why}")));

    /// <summary>A registration is journaled before anything is started with it; one whose dispatch is over is deleted (W6, O4).</summary>
    public static Step Registered(Worker w, Registered m, Moment at) =>
        w.State.Current is { RunnerId: null } current && current.Dispatch == m.Dispatch
        ? Step.Of(w)
            .Record(at, new RunnerRegistered(at.Now, m.Credentials.Id, m.Credentials.Uuid))
            .With(next => next with { Job = next.Job! with { Launch = LaunchOf(current, m.Credentials, at) } })
            .Then(next => TryLaunch(next, at))
        : Step.Of(w).Do(new Effect.DeleteRunner(m.Credentials.Id));

    /// <summary>The runner could not be registered. The pool backs off for as long as Forgejo asked.</summary>
    public static Step NotRegistered(Worker w, RegisterFailed m, Moment at) => End(
        w,
        new Outcome(
            OutcomeKind.FailedToStart, OutcomeCause.RegistrationRefused, null, $"failed to register its runner: {m.Error.Message}",
            RetryAfter: (m.Error as ForgejoException)?.RetryAfter),
        at);

    /// <summary>Launches once the worker is proven ready and nothing of an earlier job is left on it (W13).</summary>
    public static Step TryLaunch(Worker w, Moment at) =>
        w is { Job.Launch: { } launch, Reach: { Linked: true, Proven: true }, State.Current: { StartedAt: null } current }
            && w.CleanUps.IsEmpty && !(w.Job.LaunchAt > at.Elapsed)
            ? Step.Of(w with { Job = w.Job with { LaunchSent = true, LaunchAt = null } })
                .Do(new Effect.ToSession(new Launch(launch, current.Job.Id)))
            : Step.Of(w);

    /// <summary>A launch that failed is repeated. Where it has to wait again, for a clean-up or for readiness, the end of that wait
    /// launches, and no longer this moment.</summary>
    public static Step LaunchAgain(Worker w, Moment at) => TryLaunch(w with { Job = w.Job! with { LaunchAt = null } }, at);

    /// <summary>Whether it started is not known: a launch may be repeated.</summary>
    public static Step LaunchUnclear(Worker w, Moment at) => w.Job is { Launch: not null }
        ? Step.Of(w with { Job = w.Job with { LaunchAt = at.Elapsed + LaunchAgainAfter } })
        : Step.Of(w);

    public static Step Started(Worker w, Moment at) => w.State.Current is { StartedAt: null }
        ? Step.Of(w)
            .Record(at, new JobStarted(at.Now))
            .With(next => next with { Job = Evidence.FromStart(next.Job! with { Launch = null, LaunchAt = null }, at) })
            .Report(at)
        : Step.Of(w);

    /// <summary>The runner did not start within five minutes of the assignment (W16).</summary>
    public static Step LaunchTimedOut(Worker w, Moment at)
    {
        var current = w.State.Current!;

        // A launch whose answer never came may have started a process that waits for a registration that is about to go.
        var step = w.Job!.LaunchSent && w.Reach.Linked
            ? Step.Of(w).Do(new Effect.ToSession(new Signal(current.Dispatch, RunnerSignal.Kill)))
            : Step.Of(w);
        return step.Then(next => End(
            next,
            new Outcome(
                OutcomeKind.FailedToStart, OutcomeCause.LaunchTimedOut, null,
                $"its runner did not start within {Time.Durations.Text(LaunchLimit)} of the assignment: {w.Reach.Detail}",
                w.Job.LaunchSent && at.Settings.SingleUse ? new RemovalReason.SingleUse() : null),
            at));
    }

    /// <summary>Compares the job that the journal says runs with what the worker says, and goes on with it (W14).</summary>
    public static Step Reattach(Worker w, IReadOnlyList<RunnerProcess> processes, Moment at)
    {
        var current = w.State.Current!;
        var process = processes.FirstOrDefault(p => p.Dispatch == current.Dispatch);
        if (process is { Alive: true } or { ExitCode: not null })
        {
            return w.Job?.Exit is not null
                ? Step.Of(w)
                : Step.Of(w).Do(new Effect.ToSession(new Follow(current.Dispatch, current.Job.Id)))
                    .Then(next => Started(next, at))
                    .Then(next => process.Alive ? Overdue.Repeat(next, at) : Step.Of(next));
        }

        if (process is null && w.Job?.Launch is not null)
        {
            return w.Reach.Proven ? TryLaunch(w, at) : Step.Of(w).Do(new Effect.ToSession(CheckReady.Instance));
        }

        return current.RunnerId is null ? Step.Of(w) : Vanished(w, at);
    }

    /// <summary>The worker has no process of the dispatch, and no exit code of one.</summary>
    public static Step Vanished(Worker w, Moment at) => w.State.Current!.StartedAt is null
        ? End(w, new Outcome(
            OutcomeKind.FailedToStart, OutcomeCause.LaunchFailed, null, "the connection was lost before its process was started"), at)
        : Evidence.Exited(w, new JobExit(null, ""), at);

    /// <summary>The dispatch ends: it is recorded once, its registration goes, what it left is removed (J10).</summary>
    public static Step End(Worker w, Outcome outcome, Moment at)
    {
        var current = w.State.Current!;
        var step = Step.Of(w).Record(at, new JobEnded(at.Now, outcome.Kind, outcome.ExitCode, outcome.Detail)
        {
            Cause = outcome.Cause,
            RetryAfter = outcome.RetryAfter,
            Ran = current.StartedAt is null ? TimeSpan.Zero : at.Elapsed - w.Since.Started,
            HadTask = outcome.Kind == OutcomeKind.Lost && w.Job is { HadTask: true },
        });
        if (w.Phase == WorkerPhase.Busy && (outcome.Drain ?? WhyNotKept(step.Next, current, outcome, at)) is { } reason)
        {
            step = step.Record(at, DrainStarted.For(at.Now, reason));
        }

        if (current.RunnerId is { } runner)
        {
            step = step.Do(new Effect.DeleteRunner(runner));
        }

        return step
            .Then(next => CleaningUp.Begin(next, current.Dispatch))
            .Then(next => Reporting.Ended(next, at))
            .Report(at)
            .Then(next => next.Phase == WorkerPhase.Draining ? Retiring.AskForProcesses(next, at)
                : next.Reach is { Linked: true, Proven: false } ? Step.Of(next).Do(new Effect.ToSession(CheckReady.Instance))
                : Step.Of(next));
    }

    /// <summary>Why a worker whose job has just ended takes no other one; null when it may (invariants B3, J11).</summary>
    private static RemovalReason? WhyNotKept(Worker after, Assignment ended, Outcome outcome, Moment at) =>
        at.Settings.SingleUse && ended.StartedAt is not null && !outcome.RanNothing ? new RemovalReason.SingleUse()
        : Deadlines.Teardown(after, at) is { } deadline && deadline <= at.Now ? new RemovalReason.InsideMargin(deadline)
        : null;

    /// <summary>What a worker runs for an assignment.</summary>
    internal static JobLaunch LaunchOf(Assignment current, RunnerCredentials credentials, Moment at) => new(
        current.Dispatch,
        credentials.Uuid,
        credentials.Token,
        [.. at.Settings.Labels.Labels.Select(l => l.Text)],
        current.Job.Handle)
    {
        Wait = true,
        RunnerTimeout = at.Timeouts.MaxJobRuntime > TimeSpan.Zero ? at.Timeouts.MaxJobRuntime + RunnerSlack : null,
    };
}
