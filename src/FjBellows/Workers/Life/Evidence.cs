using System.Globalization;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Workers.Session;
using static FjBellows.Workers.Life.WorkerInput;
using static FjBellows.Workers.Session.SessionProtocol;

namespace FjBellows.Workers.Life;

/// <summary>
/// What Forgejo says of a dispatch, and what follows: a cancel (J9), that there is no task (J7, J11), that a task was assigned and never
/// started (J17). What the worker says decides only when Forgejo is asked. The worker's exit code decides what is recorded only where
/// Forgejo could not be asked for five minutes.
/// </summary>
internal static class Evidence
{
    private const int KilledBySignal = 128;

    // forgejo-runner 12 exits with 2 when `one-job` was given no task, and with 0 when SIGTERM ended its wait for one.
    private const int ExitedWithoutTask = 2;
    private const int ExitedWell = 0;

    // What it logs when a poll was not answered; the word that the log watch looks for too (RunnerLog).
    private const string PollFailedLine = "failed to fetch task";

    // So many answers in a row without a task are no accident of one listing.
    private const int EnoughAnswers = 3;

    /// <summary>A job that runs for so long while its runner is not active is another runner's: an assigned runner becomes active sooner,
    /// since it asks again for a lost answer within <c>fetch_timeout</c> (J16).</summary>
    private static readonly TimeSpan StrandedAfter = TimeSpan.FromSeconds(90);

    /// <summary>After so long a runner whose polls fail gets no task any more: Forgejo fails an assigned job after 10 silent minutes, looks
    /// every 5, and a minute is spare (J7).</summary>
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(16);

    /// <summary>From the end of a wait to a kill: before the next poll (<see cref="JobLaunch.FetchInterval"/>), whatever the first signal
    /// did.</summary>
    private static readonly TimeSpan BeforeNextPoll = TimeSpan.FromSeconds(8);

    /// <summary>How long a runner may wait whose log says nothing of its polls, before its wait is ended between any two of them.</summary>
    private static readonly TimeSpan Unspoken = TimeSpan.FromSeconds(15);

    /// <summary>How long after an answered poll the next one is surely not sent yet: shorter than <c>runner.fetch_interval</c> less a slow
    /// signal.</summary>
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromSeconds(3);

    /// <summary>How long Forgejo is asked what the end of a process means before the exit code decides what is recorded.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>A process was started: from now on Forgejo is asked about its registration, and the worker about the process.</summary>
    public static JobRun FromStart(JobRun job, Moment at) => job with
    {
        Runner = job.Runner with { NextAt = at.Elapsed + at.Settings.Poll.OwnRunner },
        InspectAt = at.Elapsed + Overdue.InspectEvery,
    };

    /// <summary>When Forgejo is asked next about the registration: once a process was started, or has ended (J7, J9).</summary>
    public static TimeSpan? AskAt(Worker w) =>
        w is { State.Current.RunnerId: not null } and ({ State.Current.StartedAt: not null } or { Job.Exit: not null })
            ? w.Job?.Runner.NextAt
            : null;

    /// <summary>Asks Forgejo now, unless a question is under way.</summary>
    public static Step Ask(Worker w) => w is { State.Current: { RunnerId: { } id } current, Job: { Runner.NextAt: not null } job }
        ? Step.Of(w with { Job = job with { Runner = job.Runner with { NextAt = null } } })
            .Do(new Effect.LookUpRunner(current.Dispatch, id, job.Runner.Active ? null : current.Job))
        : Step.Of(w);

    /// <summary>Forgejo could not be asked.</summary>
    public static Step Unknown(Worker w, RunnerUnknown m, Moment at)
    {
        if (!w.Runs(m.Dispatch) || w.Job is not { } job)
        {
            return Step.Of(w);
        }

        var pause = TimeSpan.FromSeconds(
            Math.Min(LongestPause.TotalSeconds, at.Settings.Poll.OwnRunner.TotalSeconds * Math.Pow(2, Math.Min(job.Runner.Failures, 6))));
        pause = m.RetryAfter > pause ? m.RetryAfter.Value : pause;
        return Step.Of(
            w with { Job = job with { Runner = job.Runner with { Failures = job.Runner.Failures + 1, NextAt = at.Elapsed + pause } } });
    }

    /// <summary>What Forgejo says of the registration, and of the job while the runner was never seen active.</summary>
    public static Step Answered(Worker w, RunnerAnswered m, Moment at)
    {
        if (!w.Runs(m.Dispatch) || w.Job is not { } job)
        {
            return Retiring.StrayAnswered(w, m, at);
        }

        var active = job.Runner.Active || m.Runner?.Status == RunnerStatus.Active;
        var runner = job.Runner with
        {
            Active = active,
            GoneSince = m.Runner is null ? job.Runner.GoneSince ?? m.RequestedAt : null,
            Stranded = job.Runner.Stranded || (!active && job.PollFailed && m is { Runner: not null, Job: JobSeen.Running }),
            UnassignedAnswers =
                active || m.Runner is null || m.Job is JobSeen.Running or JobSeen.NotAsked ? 0 : job.Runner.UnassignedAnswers + 1,
            Failures = 0,
            NextAt = at.Elapsed + at.Settings.Poll.OwnRunner,
        };

        // A registration also goes when its job ends: the worker is asked soon whether the process ended by itself, before the job counts
        // as cancelled.
        var inspectAt = runner.GoneSince is not null && job.Runner.GoneSince is null
            ? Deadlines.Earliest(job.InspectAt, at.Elapsed + Overdue.InspectSoon)!.Value
            : job.InspectAt;
        var next = w with { Job = job with { Runner = runner, InspectAt = inspectAt } };
        if (job.Exit is { } exit)
        {
            return Conclude(next, exit, m, at);
        }

        return job.Ending is null && !active && m.Runner is not null && WhyNoTask(next, m, at) is { } why
            ? Overdue.Begin(next, new Ending(OutcomeCause.NoTask, why, at.Elapsed, BeforeNextPoll, at.Elapsed), at)
            : Step.Of(next);
    }

    /// <summary>What the runner's log says: an answered poll without a task is the moment to ask Forgejo, and to end the wait before the
    /// next poll (J7).</summary>
    public static Step Said(Worker w, RunnerSaid m, Moment at)
    {
        if (!w.Runs(m.Dispatch) || w.Job is not { } job)
        {
            return Step.Of(w);
        }

        return m.Word == RunnerWord.NoTask
            ? Ask(w with { Job = job with { PollAnsweredAt = at.Elapsed, PollFailed = false } })
            : Step.Of(
                w with
                {
                    Job = job with
                    {
                        PollAnsweredAt = null,
                        PollFailed = m.Word == RunnerWord.PollFailed,
                        TaskFetched = job.TaskFetched || m.Word == RunnerWord.TaskFetched,
                    },
                });
    }

    /// <summary>The process ended. If we ended it, or its registration is gone, what happened is known; otherwise Forgejo is
    /// asked.</summary>
    public static Step Exited(Worker w, JobExit exit, Moment at)
    {
        var job = w.Job!;
        if (job.Exit is not null)
        {
            return Step.Of(w);
        }

        if (job.Ending is { Cause: not OutcomeCause.NoTask } ending && (IsKilled(exit) || ending.TermDelivered))
        {
            return Serving.End(w, new Outcome(OutcomeKind.Cancelled, ending.Cause, exit.ExitCode, ending.Detail), at);
        }

        if (job.Runner.GoneSince is not null)
        {
            return IsKilled(exit) ? Killed(w, exit, at) : Ran(w, exit, at);
        }

        // A runner without a registration has nothing that Forgejo could be asked about.
        var runner = job.Runner with { NextAt = job.Runner.NextAt ?? at.Elapsed };
        var asked = w with { Job = job with { Exit = exit, ExitedAt = at.Elapsed, Runner = runner } };
        return w.State.Current!.RunnerId is null ? GiveUpAsking(asked, at) : Ask(asked);
    }

    /// <summary>Forgejo could not be asked for too long: the exit code decides what is recorded.</summary>
    public static Step GiveUpAsking(Worker w, Moment at)
    {
        var (exit, active) = (w.Job!.Exit!, w.Job.Runner.Active);
        return IsKilled(exit) ? Killed(w, exit, at)
            : active || (exit.ExitCode == ExitedWell && w.Job.Ending is null) ? Ran(w, exit, at)
            : exit.ExitCode is ExitedWell or ExitedWithoutTask ? NoTask(w, exit, at, proven: false)
            : NotRun(w, exit, at);
    }

    /// <summary>When the exit code decides; null while no process has ended.</summary>
    public static TimeSpan? GiveUpAt(Worker w) => w.Job is { Exit: not null } job ? job.ExitedAt + Patience : null;

    /// <summary>Why there is no task for the runner, on Forgejo's evidence; null while there may be one.</summary>
    private static string? WhyNoTask(Worker w, RunnerAnswered m, Moment at)
    {
        var (job, waited) = (w.Job!, at.Elapsed - w.Since.Started);
        var betweenPolls = job.PollAnsweredAt is { } poll && m.RequestedAt >= poll && at.Elapsed - poll <= BetweenPolls;
        return m.Job switch
        {
            JobSeen.Waiting when betweenPolls || (waited >= Unspoken && !job.PollFailed && job.Runner.UnassignedAnswers >= EnoughAnswers) =>
                "Forgejo gave the runner no task although the job waits: its concurrency group, or its repository, holds it back",
            JobSeen.Absent when job.Runner.UnassignedAnswers >= EnoughAnswers && (betweenPolls || waited >= Unspoken) =>
                "Forgejo gave the runner no task: the job was cancelled, or another runner has run it",
            JobSeen.Running when waited >= StrandedAfter && !job.PollFailed =>
                "Forgejo gave the runner no task: another runner has the job",
            JobSeen.Running when waited >= ForgottenAfter =>
                "Forgejo assigned the job and the runner never received it: every answer to its polls was lost",
            _ => null,
        };
    }

    /// <summary>What the end of a process means, from what Forgejo says (J11, J17). A runner that still reports has not ended, whatever the
    /// worker says.</summary>
    private static Step Conclude(Worker w, JobExit exit, RunnerAnswered m, Moment at)
    {
        var job = w.Job!;
        var pollFailed = job.PollFailed || exit.LogTail.Contains(PollFailedLine, StringComparison.Ordinal);
        return m switch
        {
            { Runner: null } => IsKilled(exit) && job.Ending is null ? Killed(w, exit, at) : Ran(w, exit, at),
            { Runner.Status: RunnerStatus.Active } => Step.Of(w with { Job = job with { ExitedAt = at.Elapsed } }),
            _ when job.Runner.Active => IsKilled(exit) ? Killed(w, exit, at) : Undelivered(w, exit, at),
            { Job: JobSeen.NotAsked } => Step.Of(w),
            _ when job.Runner.Stranded || (m.Job is JobSeen.Running && (pollFailed || IsKilled(exit))) => Serving.End(
                w,
                new Outcome(
                    OutcomeKind.Lost, OutcomeCause.AssignedNotStarted, exit.ExitCode,
                    "Forgejo assigned the job to the runner and it never started; Forgejo fails it after 10 to 15 minutes. Last output: " +
                    exit.LogTail),
                at),
            _ when exit.ExitCode is ExitedWell or ExitedWithoutTask || job.Ending is not null => NoTask(w, exit, at, proven: true),
            _ => IsKilled(exit) ? Killed(w, exit, at) : NotRun(w, exit, at),
        };
    }

    private static bool IsKilled(JobExit exit) => exit.ExitCode is null or >= KilledBySignal;

    private static Step Killed(Worker w, JobExit exit, Moment at) => Serving.End(
        w,
        new Outcome(
            exit.ExitCode is null || w.State.Current!.StartedAt is not null ? OutcomeKind.Lost : OutcomeKind.FailedToStart,
            OutcomeCause.RunnerKilled,
            exit.ExitCode,
            exit.ExitCode is { } code
                ? $"the runner was killed by signal {code - KilledBySignal}; last output: {exit.LogTail}"
                : $"its process is gone and left no exit code (the worker was rebooted, or the process was killed); last output: " +
                    $"{exit.LogTail}"),
        at);

    private static Step NotRun(Worker w, JobExit exit, Moment at) => Serving.End(
        w,
        new Outcome(
            OutcomeKind.FailedToStart, OutcomeCause.RunnerFailed, exit.ExitCode,
            $"the runner ended with exit code {exit.ExitCode}; last output: {exit.LogTail}"),
        at);

    /// <summary>The process ended and its registration is still there: Forgejo never got the result, and fails the job (J13).</summary>
    private static Step Undelivered(Worker w, JobExit exit, Moment at) => Serving.End(
        w,
        new Outcome(
            OutcomeKind.Completed, OutcomeCause.ResultUndelivered, exit.ExitCode,
            "the runner ran a task and exited, and Forgejo did not receive its result; Forgejo fails the job after 10 to 15 minutes. " +
            "Last output: " + exit.LogTail),
        at);

    private static Step Ran(Worker w, JobExit exit, Moment at) => Serving.End(
        w,
        new Outcome(
            OutcomeKind.Completed, OutcomeCause.RunnerExit, exit.ExitCode,
            exit.ExitCode is 0
                ? "the runner ran a task and exited"
                : $"the runner ran a task and exited with code {exit.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "-"}"),
        at);

    private static Step NoTask(Worker w, JobExit exit, Moment at, bool proven) => Serving.End(
        w,
        new Outcome(
            OutcomeKind.NoTask, OutcomeCause.NoTask, exit.ExitCode,
            w.Job!.Ending?.Detail ?? "Forgejo gave the runner no task: the job was taken, cancelled, or is held by its concurrency group")
        {
            RanNothing = proven,
        },
        at);
}
