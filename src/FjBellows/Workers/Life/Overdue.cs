using FjBellows.Dispatch;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.Session.SessionProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>A dispatch that has to end: SIGTERM, SIGKILL, and where nothing helps the deletion of the instance (invariants J7, J8, J9,
/// J12).</summary>
internal static class Overdue
{
    /// <summary>How often a followed worker is asked beside the follow whether the process lives.</summary>
    public static readonly TimeSpan InspectEvery = TimeSpan.FromSeconds(20);

    /// <summary>How soon it is asked where there is a reason to.</summary>
    public static readonly TimeSpan InspectSoon = TimeSpan.FromSeconds(5);

    private const int MostKills = 3;
    private static readonly TimeSpan KillAgain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SignalAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan HardEndAfter = TimeSpan.FromMinutes(5);

    // Longer than a session waits for an answer.
    private static readonly TimeSpan WaitEndsWithin = TimeSpan.FromSeconds(35);
    private static readonly TimeSpan AgeEvery = TimeSpan.FromMinutes(10);

    /// <summary>When the job is cancelled because its registration is gone (J9); null while it is not.</summary>
    public static TimeSpan? CancelAt(Worker w, Moment at) =>
        w is { State.Current.StartedAt: not null, Job: { Ending: null, Exit: null, Runner.GoneSince: { } gone } }
        ? gone + at.Timeouts.CancelNotice
        : null;

    /// <summary>When the job has run for too long (J8); null where there is no limit.</summary>
    public static TimeSpan? RuntimeAt(Worker w, Moment at) =>
        w is { State.Current.RunnerId: not null, Job.Ending: null } && at.Timeouts.MaxJobRuntime > TimeSpan.Zero
            ? w.Since.Job + at.Timeouts.MaxJobRuntime
            : null;

    /// <summary>When the instance is deleted, whatever runs on it (J12); null while nothing has to end. A daemon that was away past that
    /// moment first has the time to connect, to ask how the job ended meanwhile (W14), and to end it by signals.</summary>
    public static TimeSpan? HardEndAt(Worker w, Moment at)
    {
        var toEnd = at.Timeouts.CancelGrace + HardEndAfter;
        var max = at.Timeouts.MaxJobRuntime > TimeSpan.Zero ? at.Timeouts.MaxJobRuntime : (TimeSpan?)null;
        return w switch
        {
            { State.Current: not null, Job: { } job } => Deadlines.Earliest(
                Later(w.Since.Job + max, w.Since.Resumed) + toEnd,
                job.Ending is not { } ending ? null
                : ending.Kills >= MostKills ? ending.NextAt
                : ending.Since + toEnd),
            { Stray: { } stray } => Deadlines.Earliest(
                Later(w.Since.Phase + max, w.Since.Resumed) + toEnd, stray.Kills >= MostKills ? stray.NextAt : null),
            _ => null,
        };
    }

    /// <summary>When the job's age is journaled next (J8).</summary>
    public static TimeSpan? AgeAt(Worker w, Moment at) => w.State.Current is null || at.JournalFails ? null : w.Since.Aged + AgeEvery;

    /// <summary>Journals the job's age.</summary>
    public static Step Age(Worker w, Moment at) => Step.Of(w).Record(at, new JobAged(at.Now, at.Elapsed - w.Since.Job));

    /// <summary>Its registration has been gone for <c>CancelNotice</c>: it was cancelled in Forgejo (J9).</summary>
    public static Step Cancelled(Worker w, Moment at) =>
        Begin(w, new Ending(OutcomeCause.Cancelled, "it was cancelled in Forgejo", at.Elapsed, at.Timeouts.RevokedGrace, at.Elapsed), at);

    /// <summary>It has run for <c>poll.max_job_runtime</c> (J8).</summary>
    public static Step RanTooLong(Worker w, Moment at) => Begin(
        w,
        new Ending(
            OutcomeCause.RuntimeExceeded, $"it ran longer than {Time.Durations.Text(at.Timeouts.MaxJobRuntime)} (poll.max_job_runtime)",
            at.Elapsed, at.Timeouts.CancelGrace, at.Elapsed),
        at);

    /// <summary>The process is asked to end.</summary>
    public static Step Begin(Worker w, Ending ending, Moment at) => Next(w with { Job = w.Job! with { Ending = ending } }, at);

    /// <summary>After a reconnect the signal that may have been lost is due at once.</summary>
    public static Step Repeat(Worker w, Moment at) => w.Job is { Ending: { TermDelivered: false } ending } job
        ? Next(w with { Job = job with { Ending = ending with { NextAt = at.Elapsed } } }, at)
        : Step.Of(w);

    /// <summary>The next signal: SIGTERM, and after the grace SIGKILL again and again.</summary>
    public static Step Next(Worker w, Moment at)
    {
        if (w.Job is not { Ending: { } ending } job || ending.NextAt > at.Elapsed)
        {
            return Step.Of(w);
        }

        if (ending is { Cause: OutcomeCause.NoTask, TermDelivered: false })
        {
            return EndWait(w, job, ending, at);
        }

        var kill = at.Elapsed - ending.Since >= ending.Grace;
        var wait = !w.Reach.Linked ? SignalAgain : kill ? KillAgain : ending.Grace;
        var inspectAt = at.Elapsed + InspectSoon < job.InspectAt ? at.Elapsed + InspectSoon : job.InspectAt;
        var step = Step.Of(w with { Job = job with { Ending = ending with { NextAt = at.Elapsed + wait }, InspectAt = inspectAt } });
        return w.Reach.Linked
            ? step.Do(new Effect.ToSession(new Signal(w.State.Current!.Dispatch, kill ? RunnerSignal.Kill : RunnerSignal.Terminate)))
            : step;
    }

    /// <summary>Whether a runner's wait for a task was ended. One that was not ended goes on until Forgejo's next answer (J7).</summary>
    public static Step WaitEnded(Worker w, WaitEnd how, Moment at) => w.Job is { Ending: { Cause: OutcomeCause.NoTask } ending } job
        ? Step.Of(how switch
        {
            WaitEnd.Ended or WaitEnd.NotRunning => w with
            {
                Job = job with
                {
                    Ending = ending with { TermDelivered = true, Since = at.Elapsed, NextAt = at.Elapsed + ending.Grace },
                    InspectAt = at.Elapsed + InspectSoon,
                },
            },
            WaitEnd.HasTask => Waiting(w) with { Job = job with { Ending = null, TaskFetched = true } },
            _ => Waiting(w),
        })
        : Step.Of(w);

    /// <summary>The worker whose runner goes on waiting: the attempt to end its wait is dropped.</summary>
    public static Worker Waiting(Worker w) =>
        w.Job is { Ending: { Cause: OutcomeCause.NoTask, TermDelivered: false } } job ? w with { Job = job with { Ending = null } } : w;

    /// <summary>The worker confirmed a signal.</summary>
    public static Step Signalled(Worker w, Signalled m) => w switch
    {
        { Job: { Ending: { } ending } job } when w.Runs(m.Dispatch) => Step.Of(w with
        {
            Job = job with
            {
                Ending = m.What == RunnerSignal.Kill ? ending with { Kills = ending.Kills + 1 } : ending with { TermDelivered = true },
            },
        }),
        { Stray: { } stray } when stray.Dispatch == m.Dispatch => Step.Of(w with { Stray = stray with { Kills = stray.Kills + 1 } }),
        _ => Step.Of(w),
    };

    /// <summary>A signal failed though the connection stands: it is due again soon.</summary>
    public static Step NotSignalled(Worker w, DispatchId dispatch, Moment at) => w.Job is { Ending: { } ending } job && w.Runs(dispatch)
        ? Step.Of(w with { Job = job with { Ending = ending with { NextAt = at.Elapsed + SignalAgain } } })
        : Step.Of(w);

    /// <summary>Nothing ended the process: the instance is deleted, and that is logged (J12).</summary>
    public static Step HardEnd(Worker w, Moment at)
    {
        var dispatch = (w.State.Current?.Dispatch ?? w.Stray!.Dispatch).Value;
        var detail = w.Job?.Ending is { } ending
            ? $"{ending.Detail}; {ending.Kills} SIGKILLs had no effect for {Time.Durations.Text(at.Elapsed - ending.Since)}"
            : $"it ran longer than {Time.Durations.Text(at.Timeouts.MaxJobRuntime)} (poll.max_job_runtime) and could not be ended";
        return Step.Of(w)
            .Do(new Effect.Warn(
                "worker {Worker}: {Dispatch} could not be ended ({Detail}); deleting the instance", w.Name, dispatch, detail))
            .Then(next => Deleting.Begin(next, new RemovalReason.HardEnd(dispatch, detail), at));
    }

    /// <summary>Asks the worker over a second channel: a follow that hangs reports nothing.</summary>
    public static Step Inspect(Worker w, Moment at)
    {
        var round = w.Round + 1;
        var next = w with
        {
            Round = round,
            Job = w.Job is { } job ? job with { InspectAt = at.Elapsed + (job.Ending is null ? InspectEvery : InspectSoon) } : null,
            Stray = w.Stray is { } stray ? stray with { InspectAt = at.Elapsed + InspectEvery } : null,
        };
        var asked = w.Reach.Linked ? Step.Of(next).Do(new Effect.ToSession(new Inspect(round))) : Step.Of(next);
        return asked.Then(Retiring.AskForStray);
    }

    /// <summary>The answer, while a job runs: one that ended for two questions in a row is over, whatever the follow says (J12).</summary>
    public static Step Inspected(Worker w, IReadOnlyList<RunnerProcess> processes, Moment at)
    {
        if (w is not { Job: { Exit: null } job, State.Current: { StartedAt: not null } current })
        {
            return Step.Of(w);
        }

        var process = processes.FirstOrDefault(p => p.Dispatch == current.Dispatch);
        var found = process is { Alive: true } ? 0 : job.FoundEnded + 1;
        var next = w with { Job = job with { FoundEnded = found, InspectAt = found > 0 ? at.Elapsed + InspectSoon : job.InspectAt } };
        return found < 2 ? Step.Of(next) : Evidence.Exited(next, new JobExit(process?.ExitCode, ""), at);
    }

    /// <summary>A signal at any other moment than between two polls could meet a task that Forgejo has just assigned (J7, J16): the worker
    /// judges by the runner's log whether it is one. Without its answer the wait goes on, and so do the questions to Forgejo.</summary>
    private static Step EndWait(Worker w, JobRun job, Ending ending, Moment at) => w.Reach.Linked && ending.NextAt == ending.Since
        ? Step.Of(w with { Job = job with { Ending = ending with { NextAt = at.Elapsed + WaitEndsWithin } } })
            .Do(new Effect.ToSession(new EndWait(w.State.Current!.Dispatch)))
        : Step.Of(Waiting(w));

    private static TimeSpan? Later(TimeSpan? a, TimeSpan b) => a < b ? b : a;
}
