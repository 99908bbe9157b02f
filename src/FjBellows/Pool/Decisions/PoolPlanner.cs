using FjBellows.Jobs;

namespace FjBellows.Pool;

/// <summary>Decides what a pool does, from its input alone: no clock, no call, no effect, and nothing kept from one plan to the next. The
/// input's policy may hold learned durations; it reads them and does not change them.</summary>
internal static class PoolPlanner
{
    /// <summary>Makes the plan: oldest jobs to free workers, and workers for the jobs that are left.</summary>
    /// <param name="input">What is known.</param>
    public static PoolPlan Plan(PlanInput input)
    {
        var demand = Demand(input);
        if (input.Stopped is { } stopped)
        {
            return PoolPlan.Nothing with { Waits = [.. demand.Select(job => new PlannedWait(job, stopped))] };
        }

        var waits = new List<PlannedWait>(demand.Count);
        var due = new List<KnownJob>(demand.Count);
        DateTimeOffset? wakeAt = null;
        foreach (var job in demand)
        {
            if (job.Backoff.HoldsAt(input.Now))
            {
                waits.Add(new PlannedWait(job, job.Backoff.Reason));
                wakeAt = Earliest(wakeAt, job.Backoff.Until);
            }
            else
            {
                due.Add(job);
            }
        }

        input.Policy.Order(input, due);
        var free = FreeWorkers(input);
        PlannedDispatch[] dispatches =
            [.. Preferred(input, due).Zip(free, (job, worker) => new PlannedDispatch(job, worker)).Take(input.MostDispatches)];
        var given = dispatches.Select(d => d.Job.Key).ToHashSet();
        var (unassigned, blocked) = (new List<KnownJob>(due.Count), new List<KnownJob>());
        foreach (var job in due)
        {
            if (!given.Contains(job.Key))
            {
                (job.Backoff.MayProvision(input.Now) ? unassigned : blocked).Add(job);
            }
        }

        waits.AddRange(blocked.Select(job => new PlannedWait(job, job.Backoff.Reason)));
        var advice = input.Policy.Advise(new Shortage(input, dispatches, unassigned, free[dispatches.Length..]));
        var held = input.DispatchHold is { } hold && free.Length > dispatches.Length ? new WaitReason.DispatchSuspended(hold) : null;
        waits.AddRange(unassigned.Select((job, i) => new PlannedWait(job, held ?? advice.ReasonOf(i))));
        waits.Sort(static (a, b) => OldestFirst(a.Job, b.Job));
        return new PoolPlan(dispatches, advice.Provisions, waits, Earliest(wakeAt, advice.WakeAt), advice.Kept);
    }

    /// <summary>Which job is served first: the one with the smaller id, so that nothing starves at the maximum (invariant J2).</summary>
    public static int OldestFirst(KnownJob a, KnownJob b) =>
        a.Job.Id.CompareTo(b.Job.Id) is var byId and not 0 ? byId : a.Job.Attempt.CompareTo(b.Job.Attempt);

    /// <summary>The earlier of two moments, of which either may be missing.</summary>
    public static DateTimeOffset? Earliest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    /// <summary>The jobs that want a worker of this pool, oldest first: waiting, seen so after their last dispatch ended, of our labels,
    /// and neither on a worker nor on the way to one (invariants J1, J2, J5, J6, W12).</summary>
    private static List<KnownJob> Demand(PlanInput input)
    {
        var taken = new HashSet<JobKey>();
        foreach (var worker in input.Workers)
        {
            if (worker.Assigning is { } key)
            {
                taken.Add(key);
            }

            if (worker.View?.Current is { } current)
            {
                taken.Add(current.Job.Key);
            }
        }

        var demand = new List<KnownJob>();
        foreach (var job in input.Jobs)
        {
            if (job.Listed && job.Job.IsDemand && input.ObservedAt > job.Backoff.EndedAt && !taken.Contains(job.Key)
                && input.Labels.CanRun(job.Job))
            {
                demand.Add(job);
            }
        }

        demand.Sort(OldestFirst);
        return demand;
    }

    /// <summary>The workers that can take a job now; first the one that is kept longest anyway, so that the others can run out.</summary>
    private static KnownWorker[] FreeWorkers(PlanInput input) =>
    [
        .. input.Workers
            .Where(w => w.CanTakeJob(input.Now))
            .OrderByDescending(w => w.View!.TeardownDeadline ?? DateTimeOffset.MaxValue)
            .ThenBy(w => w.Name, StringComparer.Ordinal),
    ];

    /// <summary>Jobs that Forgejo did not hand out last time come after all others: a worker provisioned for another job is not theirs
    /// (invariant J14).</summary>
    private static IEnumerable<KnownJob> Preferred(PlanInput input, List<KnownJob> due) =>
        due.Where(j => j.Backoff.MayProvision(input.Now)).Concat(due.Where(j => !j.Backoff.MayProvision(input.Now)));
}
