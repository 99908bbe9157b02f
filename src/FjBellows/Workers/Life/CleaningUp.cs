using System.Collections.Immutable;
using FjBellows.Dispatch;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.Session.SessionProtocol;

namespace FjBellows.Workers.Life;

/// <summary>What a job left is removed before the next one starts; what cannot be removed ends the worker (invariants W13, W16).</summary>
internal static class CleaningUp
{
    private const int MostFailures = 2;
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    /// <summary>Removes what a dispatch left, now or when the worker is reached again.</summary>
    public static Step Begin(Worker w, DispatchId dispatch)
    {
        var known = w.CleanUps.GetValueOrDefault(dispatch) ?? new Life.CleanUp(0, null);
        var next = Step.Of(w with { CleanUps = w.CleanUps.SetItem(dispatch, known with { NextAt = null }) });
        return w.Reach.Linked ? next.Do(new Effect.ToSession(new Session.SessionProtocol.CleanUp(dispatch))) : next;
    }

    /// <summary>Cleans up after every ended dispatch that the worker still has: the clean-up at its end may have met a lost connection, or
    /// no daemon.</summary>
    public static Step AfterEarlier(Worker w, IReadOnlyList<RunnerProcess> processes)
    {
        var ended = processes.Where(p => !p.Alive && !w.Runs(p.Dispatch) && p.Dispatch != w.Stray?.Dispatch).Select(p => p.Dispatch)
            .ToArray();
        var step = Step.Of(w with { CleanUps = w.CleanUps.RemoveRange(w.CleanUps.Keys.Where(k => !ended.Contains(k))) });
        return ended.Aggregate(step, (before, dispatch) => before.Then(next => Begin(next, dispatch)));
    }

    public static Step Done(Worker w, Cleaned m, Moment at) =>
        Step.Of(w with { CleanUps = w.CleanUps.Remove(m.Dispatch) }).Then(next => Serving.TryLaunch(next, at));

    /// <summary>The first failure is retried; the second drains the worker, and a launch that waited for the clean-up fails
    /// (W16).</summary>
    public static Step Failed(Worker w, CleanUpFailed m, Moment at)
    {
        if (w.CleanUps.GetValueOrDefault(m.Dispatch) is not { } known)
        {
            return Step.Of(w);
        }

        var failed = known with { Failures = known.Failures + 1, NextAt = at.Elapsed + Again };
        if (failed.Failures < MostFailures)
        {
            return Step.Of(w with { CleanUps = w.CleanUps.SetItem(m.Dispatch, failed) });
        }

        var dirty = w with { CleanUps = w.CleanUps.Remove(m.Dispatch) };
        var reason = new RemovalReason.CleanUpFailed(m.Detail);
        return w switch
        {
            { Phase: WorkerPhase.Busy, State.Current.StartedAt: null } =>
                Serving.End(dirty, new Outcome(OutcomeKind.FailedToStart, OutcomeCause.CleanUpFailed, null, reason.ToString(), reason), at),
            { Phase: WorkerPhase.Idle or WorkerPhase.Busy } => Retiring.Begin(dirty, reason, at),
            { Phase: WorkerPhase.Provisioning } => Deleting.Begin(dirty, reason, at),
            _ => Step.Of(dirty),
        };
    }

    public static Step Retry(Worker w, Moment at) => w.CleanUps.Where(c => c.Value.NextAt <= at.Elapsed).Select(c => c.Key).ToArray()
        .Aggregate(Step.Of(w), (before, dispatch) => before.Then(next => Begin(next, dispatch)));

    /// <summary>The connection is gone: what was under way is repeated when it is back, and what failed stays counted.</summary>
    public static ImmutableDictionary<DispatchId, Life.CleanUp> Interrupted(Worker w) =>
        w.CleanUps.ToImmutableDictionary(c => c.Key, c => c.Value with { NextAt = null });
}
