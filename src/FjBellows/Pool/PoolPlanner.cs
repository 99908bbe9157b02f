using FjBellows.Jobs;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>Decides what a pool does, from what it knows. Pure: no clock, no memory, no effect.</summary>
public static class PoolPlanner
{
    // What is told of more jobs than anybody reads is told of them together.
    private const int ToldSingly = 200;

    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();

    /// <summary>Makes the plan.</summary>
    /// <param name="input">What is known.</param>
    public static PoolPlan Plan(PlanInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var taken = TakenKeys(input);
        var waiting = Demand(input, taken);
        var waits = new List<PlannedWait>();
        if (input.Stopped is { } stopped)
        {
            waits.AddRange(waiting.Select(job => new PlannedWait(job, stopped)));
            return new PoolPlan([], [], waits, null, Nobody);
        }

        DateTimeOffset? wakeAt = null;
        var due = new List<QueuedJob>(waiting.Count);
        foreach (var job in waiting)
        {
            if (input.Memory.TryGetValue(job.Key, out var memory) && memory.HeldUntil > input.Now)
            {
                wakeAt = wakeAt is { } at && at < memory.HeldUntil ? at : memory.HeldUntil;
                waits.Add(new PlannedWait(job, memory.Why));
            }
            else
            {
                due.Add(job);
            }
        }

        if (!input.Waiting.BuysAtOnce)
        {
            // Whoever's budget ends first is served first; of equal budgets still the oldest, so nothing starves (invariant J2).
            due.Sort((a, b) => input.DeadlineOf(a).CompareTo(input.DeadlineOf(b)) is var byDeadline and not 0 ? byDeadline : OldestFirst(a, b));
        }

        var free = FreeWorkers(input);
        var dispatches = due.Zip(free, (job, worker) => new PlannedDispatch(job, worker.Name)).ToArray();
        var placeless = due.Skip(dispatches.Length).ToArray();
        var demand = new Shortage(input, placeless);
        IReadOnlyList<PlannedProvision> purchases = placeless.Length == 0 ? []
            : input.Waiting.BuysAtOnce ? BuyAtOnce(demand, waits)
            : BuyInTime(demand, dispatches, waits, ref wakeAt);
        var kept = Nobody;
        if (input.Reserve.Count > 0)
        {
            (purchases, kept) = KeepReserve(demand, purchases, free.Skip(dispatches.Length).ToArray());
        }

        waits.Sort(static (a, b) => OldestFirst(a.Job, b.Job));
        return new PoolPlan(dispatches, purchases, waits, wakeAt, kept);
    }

    /// <summary>The keys of jobs that some worker has or is being given, or that Forgejo shows running (invariant J5).</summary>
    private static HashSet<JobKey> TakenKeys(PlanInput input)
    {
        var taken = new HashSet<JobKey>(input.Assigning.Values);
        foreach (var worker in input.Workers)
        {
            if (worker.Current is { } current)
            {
                taken.Add(current.Job.Key);
            }
        }

        foreach (var job in input.Jobs)
        {
            if (!job.IsDemand)
            {
                taken.Add(job.Key);
            }
        }

        return taken;
    }

    /// <summary>The jobs that want a worker of this pool, oldest first (invariants J1, J2, J6, W12).</summary>
    private static List<QueuedJob> Demand(PlanInput input, HashSet<JobKey> taken)
    {
        var demand = new List<QueuedJob>(input.Jobs.Count);
        foreach (var job in input.Jobs)
        {
            var outdated = input.Memory.TryGetValue(job.Key, out var memory) && input.ObservedAt <= memory.EndedAt;
            if (job.IsDemand && !outdated && input.Labels.CanRun(job) && taken.Add(job.Key))
            {
                demand.Add(job);
            }
        }

        demand.Sort(OldestFirst);
        return demand;
    }

    /// <summary>The workers that can take a job now; first the one that is kept longest anyway, so that the others can run out.</summary>
    private static WorkerView[] FreeWorkers(PlanInput input) =>
    [
        .. input.Workers
            .Where(w => w.CanTakeJob(input.Now) && !input.Assigning.ContainsKey(w.Name) && !input.Recording.Contains(w.Name))
            .OrderByDescending(w => w.TeardownDeadline ?? DateTimeOffset.MaxValue)
            .ThenBy(w => w.Name, StringComparer.Ordinal),
    ];

    /// <summary>Buys for jobs without a place what is not already coming, within the maximum (invariant W1).</summary>
    private static PlannedProvision[] BuyAtOnce(Shortage demand, List<PlannedWait> waits)
    {
        var (input, placeless, coming) = (demand.Input, demand.Placeless, demand.Coming);
        var count = Math.Min(demand.Wanted, demand.Room);
        var served = coming + count;
        var booting = coming == 0 ? "a worker is being bought for it" : $"{coming} worker(s) are on their way, one of them for this job";
        var beyond = Beyond(demand);
        for (var i = 0; i < placeless.Length; i++)
        {
            waits.Add(new PlannedWait(placeless[i], i < served ? booting : beyond));
        }

        var reason = $"{placeless.Length} job(s) wait without a place, {coming} worker(s) are on their way, {demand.Existing} of {input.Max} exist";
        return [.. placeless.Skip(coming).Take(count).Select(job => new PlannedProvision(job, $"{job} waits: {reason}"))];
    }

    /// <summary>Buys the fewest workers with which every job is predicted to start within its wait budget; never more than
    /// <see cref="BuyAtOnce"/> would (invariant W1).</summary>
    private static PlannedProvision[] BuyInTime(Shortage demand, PlannedDispatch[] dispatches, List<PlannedWait> waits, ref DateTimeOffset? wakeAt)
    {
        var (input, placeless) = (demand.Input, demand.Placeless);
        var prediction = new WaitPrediction(input, dispatches, placeless);
        if (prediction.WakeAt is { } wake && (wakeAt is null || wake < wakeAt))
        {
            wakeAt = wake;
        }

        var wanted = prediction.Fewest(Math.Clamp(prediction.Due - demand.Coming, 0, demand.Wanted), demand.Wanted);
        var count = Math.Min(wanted, demand.Room);
        var starts = new PredictedStart[Math.Min(placeless.Length, ToldSingly)];
        prediction.FirstLate(count, starts);
        var beyond = Beyond(demand);
        for (var i = 0; i < placeless.Length; i++)
        {
            var job = placeless[i];
            waits.Add(new PlannedWait(job, i < starts.Length
                ? WhyItWaits(input, job, starts[i], i < demand.Coming + count, count < wanted ? beyond : null)
                : $"{starts.Length} jobs are served before it; {(count < wanted ? beyond : "it is predicted to start within its wait budget")}"));
        }

        if (count == 0)
        {
            return [];
        }

        var late = prediction.FirstLate(count - 1, []);
        var saved = demand.Wanted - wanted;
        var reason = $"{placeless.Length} job(s) wait without a place, {demand.Coming} worker(s) are on their way, {demand.Existing} of {input.Max} exist; " +
            (saved == 0 ? "no job's wait budget lasts until a worker is predicted to be free for it"
                : $"with {wanted} more every job is predicted to start within its wait budget, so {saved} fewer are bought than jobs wait") +
            (late is null ? "" : $"; with one less {late} would start too late");
        return [.. placeless.Take(count).Select(job => new PlannedProvision(job, $"{job} waits: {reason}"))];
    }

    private static string WhyItWaits(PlanInput input, QueuedJob job, PredictedStart start, bool hasOwn, string? beyond)
    {
        var deadline = input.DeadlineOf(job);
        var budget = deadline <= input.Now ? "its wait budget is used up" : $"its wait budget lasts until {deadline:HH:mm:ss 'UTC'}";
        if (start.At == DateTimeOffset.MaxValue || (beyond is not null && !hasOwn && start.At > deadline))
        {
            return $"{beyond ?? "no worker is predicted to be free for it"}; {budget}";
        }

        var estimate = input.Forecast.Of(job);
        var length = estimate.Samples == 0 ? $"expected to take {Whole(estimate.Median)}" : $"usually takes {Whole(estimate.Median)}, nine of ten at most {Whole(estimate.P90)}";
        return start.Worker is { } worker
            ? $"{worker} is predicted to be free for it at {start.At:HH:mm:ss 'UTC'}; {budget}; it {length}"
            : $"a worker is being bought and predicted to be free for it at {start.At:HH:mm:ss 'UTC'}; {budget}; it {length}";
    }

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));

    private static string Beyond(Shortage demand) => demand.Input.ProvisioningSuspended ?? (demand.Existing >= demand.Input.Max
        ? $"all {demand.Input.Max} worker(s) that scale.max allows exist and none is free"
        : $"as many workers as scale.max ({demand.Input.Max}) allows are on their way, and older jobs come first");

    /// <summary>Keeps the reserve: idle workers beyond those that jobs need, the longest kept first, and new ones for what is missing.</summary>
    private static (IReadOnlyList<PlannedProvision> Provisions, IReadOnlySet<string> Kept) KeepReserve(
        Shortage demand, IReadOnlyList<PlannedProvision> purchases, WorkerView[] spare)
    {
        var input = demand.Input;
        var renewing = input.Workers.Where(w => w is { Phase: WorkerPhase.Idle, Linked: true } && w.TeardownDeadline <= input.Now && input.Kept.Contains(w.Name));
        var kept = renewing.Concat(spare).Take(input.Reserve.Count).Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        var coming = Math.Max(0, demand.Coming + purchases.Count - demand.Placeless.Length);
        var missing = input.Reserve.Count - kept.Count - coming;
        var count = Math.Clamp(demand.Room - purchases.Count, 0, Math.Max(0, missing));
        // Nor is a step begun for the last minutes of a window; a worker at its kill mark goes by the same measure.
        if (count == 0 || (input.Billing.IsLeased && input.Reserve.Until - input.Now <= input.HourMargin * 2))
        {
            return (purchases, kept);
        }

        var why = $"{input.Reserve.Count} idle worker(s) are wanted {input.Reserve.Why}, {kept.Count} idle and {coming} are on their way";
        return ([.. purchases, .. Enumerable.Repeat(new PlannedProvision(null, why), count)], kept);
    }

    /// <summary>True for a worker that will be free without anybody's doing: it boots, it is being reached again, or it is about to be free.</summary>
    internal static bool IsComing(WorkerView worker, PlanInput input) => worker.Phase switch
    {
        WorkerPhase.Provisioning => true,
        WorkerPhase.Idle => !input.Assigning.ContainsKey(worker.Name)
            && (worker.TeardownDeadline is not { } mark || input.Now < mark)
            && (!worker.Linked || input.Recording.Contains(worker.Name)),
        _ => false,
    };

    private static int OldestFirst(QueuedJob a, QueuedJob b)
    {
        var byId = a.Id.CompareTo(b.Id);
        return byId != 0 ? byId : a.Attempt.CompareTo(b.Attempt);
    }

    /// <summary>What jobs without a place lack, and what there is room for.</summary>
    private sealed class Shortage(PlanInput input, QueuedJob[] placeless)
    {
        public PlanInput Input { get; } = input;

        public QueuedJob[] Placeless { get; } = placeless;

        public int Coming { get; } = input.Workers.Count(w => IsComing(w, input));

        public int Existing { get; } = input.Workers.Count(w => w.Phase != WorkerPhase.Removed);

        public int Wanted => Math.Max(0, Placeless.Length - Coming);

        public int Room => Input.ProvisioningSuspended is null ? Math.Max(0, Input.Max - Existing) : 0;
    }
}
