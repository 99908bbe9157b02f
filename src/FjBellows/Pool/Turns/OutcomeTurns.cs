using FjBellows.Workers;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Pool;

/// <summary>Turns on ended dispatches: what they mean for their job, their worker and the pool.</summary>
internal static class OutcomeTurns
{
    /// <summary>A dispatch ended. Workers repeat that until it is recorded; only the first report of it counts.</summary>
    public static void Ended(Turn t, DispatchEnded m)
    {
        var (outcome, job) = (m.Outcome, m.Outcome.Assignment.Job);
        if (t.Known.Find(outcome.Worker)?.Recording == outcome.Assignment.Dispatch)
        {
            return;
        }

        var isNew = !m.Recovered && !t.Known.Recent.Any(o => o.Assignment.Dispatch == outcome.Assignment.Dispatch);
        t.Known = t.Known.With(outcome, t.Settings.Timeouts.NoTaskHold, t.Now);
        if (isNew)
        {
            t.Memory.Learned.Learn(outcome);
            var counts = t.Known.Totals.Outcomes.ToDictionary();
            counts[outcome.Kind] = counts.GetValueOrDefault(outcome.Kind) + 1;
            t.Known = t.Known with { Totals = t.Known.Totals with { Outcomes = counts } };
            t.Do(new PoolEffect.Publish(outcome));
            t.Notice(
                NoticeKind.JobEnded, "job_ended", "{Job} on {Worker}: {Outcome}, {Detail}",
                [job, outcome.Worker, outcome.Kind, outcome.Detail], outcome.Worker, job.Id);
            Judge(t, outcome);
        }

        t.Change(
            outcome.Worker,
            w => w with { Recording = outcome.Assignment.Dispatch, Assigning = w.Assigning == job.Key ? null : w.Assigning });
        RecordTurns.Keep(t, outcome);
    }

    /// <summary>Applies what an outcome says of its worker and of the pool (invariants W9, W17).</summary>
    private static void Judge(Turn t, DispatchOutcome outcome)
    {
        var verdict = DispatchVerdicts.Of(outcome);
        t.Change(outcome.Worker, w => w.After(verdict, outcome.EndedAt));
        var before = t.Known.Dispatching;
        var after = verdict switch
        {
            DispatchVerdict.Ran => before.Succeeded(outcome.Worker, t.Now),
            DispatchVerdict.FailedOnWorker or DispatchVerdict.FailedOutside => before.Failed(outcome.Worker, outcome.Detail, t.Now),
            _ => before,
        };
        t.Known = t.Known with { Dispatching = after, Provisioning = Registration(t, outcome, verdict) };
        if (after.Hold is { } hold && before.Hold is null)
        {
            t.Notice(NoticeKind.Warning, "dispatch_suspended", "{Hold}", [hold.ToString()]);
        }
        else if (after.Hold is null && before.Hold is not null)
        {
            t.Notice(NoticeKind.WorkerChanged, "dispatch_recovered", "dispatches succeed again", []);
        }

        foreach (var worker in t.Known.Workers.Values.Where(
            w => w is { EndRequested: false, View.Phase: WorkerPhase.Idle or WorkerPhase.Busy }))
        {
            if (after.AreOwn(worker.Name, worker.Failures, worker.FailingSince))
            {
                t.Change(worker.Name, w => w with { EndRequested = true });
                t.Tell(worker.Name, new Drain(new RemovalReason.RepeatedFailures(worker.Failures)));
            }
        }
    }

    /// <summary>A token that may not register runners makes every further worker useless (invariant R2).</summary>
    private static ProvisioningBackoff Registration(Turn t, DispatchOutcome outcome, DispatchVerdict verdict)
    {
        var before = t.Known.Provisioning;
        if (outcome is { Kind: OutcomeKind.FailedToStart, Assignment.RunnerId: null } && t.Pool.RegistrationForbidden is { } message)
        {
            var after = before.RegistrationRefused(message);
            if (after.Last is ProvisioningHold.RegistrationRefused hold && before.Last is not ProvisioningHold.RegistrationRefused)
            {
                t.Notice(NoticeKind.Warning, hold.Code, "{Hold}", [hold.ToString()]);
            }

            return after;
        }

        return verdict == DispatchVerdict.Ran ? before.Registered() : before;
    }
}
