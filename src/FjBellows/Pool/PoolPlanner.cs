using FjBellows.Jobs;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>What the pool knows at the moment of a plan.</summary>
public sealed record PlanInput
{
    /// <summary>The present.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The pool's labels.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The most workers at once.</summary>
    public required int Max { get; init; }

    /// <summary>The queue as last observed.</summary>
    public IReadOnlyList<QueuedJob> Jobs { get; init; } = [];

    /// <summary>When that observation was asked for.</summary>
    public DateTimeOffset ObservedAt { get; init; }

    /// <summary>The workers that are not proven absent.</summary>
    public IReadOnlyCollection<WorkerView> Workers { get; init; } = [];

    /// <summary>Jobs sent to workers that have not answered yet, by worker.</summary>
    public IReadOnlyDictionary<string, JobKey> Assigning { get; init; } = new Dictionary<string, JobKey>();

    /// <summary>Workers whose last outcome is not yet safe in the history: they take no job until it is (invariant J10).</summary>
    public IReadOnlySet<string> Recording { get; init; } = new HashSet<string>();

    /// <summary>What became of earlier dispatches of a job.</summary>
    public IReadOnlyDictionary<JobKey, JobMemory> Memory { get; init; } = new Dictionary<JobKey, JobMemory>();

    /// <summary>Why nothing at all is started now, null while things are; such as a pause.</summary>
    public string? Stopped { get; init; }

    /// <summary>Why nothing is bought now, null while purchases are free.</summary>
    public string? PurchasesHeld { get; init; }
}

/// <summary>What became of the last dispatch of a job.</summary>
/// <param name="EndedAt">When it ended: an observation asked for before that says nothing about the job any more (invariant W12).</param>
/// <param name="HeldUntil">Before that it is neither dispatched nor bought for (invariant J7).</param>
/// <param name="Fruitless">Dispatches in a row that ran no task.</param>
/// <param name="Why">Why it is held.</param>
public sealed record JobMemory(DateTimeOffset EndedAt, DateTimeOffset HeldUntil, int Fruitless, string Why);

/// <summary>One job for one worker.</summary>
/// <param name="Job">The job.</param>
/// <param name="Worker">The worker.</param>
public sealed record PlannedDispatch(QueuedJob Job, string Worker);

/// <summary>One worker to buy.</summary>
/// <param name="Job">The oldest job without a place.</param>
/// <param name="Why">Why it is bought: a sentence.</param>
public sealed record PlannedPurchase(QueuedJob Job, string Why);

/// <summary>A job that stays waiting.</summary>
/// <param name="Job">The job.</param>
/// <param name="Why">Why: a sentence.</param>
public sealed record PlannedWait(QueuedJob Job, string Why);

/// <summary>What to do now.</summary>
/// <param name="Dispatches">Jobs to hand out, oldest first.</param>
/// <param name="Purchases">Workers to buy.</param>
/// <param name="Waits">Jobs that wait on, oldest first, each with its reason.</param>
/// <param name="WakeAt">When a held job is due, so that a plan is wanted then; null when none is.</param>
public sealed record PoolPlan(
    IReadOnlyList<PlannedDispatch> Dispatches,
    IReadOnlyList<PlannedPurchase> Purchases,
    IReadOnlyList<PlannedWait> Waits,
    DateTimeOffset? WakeAt);

/// <summary>Decides what a pool does, from what it knows. Pure: no clock, no memory, no effect.</summary>
public static class PoolPlanner
{
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
            return new PoolPlan([], [], waits, null);
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

        var free = FreeWorkers(input);
        var dispatches = due.Zip(free, (job, worker) => new PlannedDispatch(job, worker.Name)).ToArray();
        var placeless = due.Skip(dispatches.Length).ToArray();
        var purchases = Purchases(input, placeless, waits);
        waits.Sort(static (a, b) => OldestFirst(a.Job, b.Job));
        return new PoolPlan(dispatches, purchases, waits, wakeAt);
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
            .OrderByDescending(w => w.KillMark ?? DateTimeOffset.MaxValue)
            .ThenBy(w => w.Name, StringComparer.Ordinal),
    ];

    /// <summary>Buys for jobs without a place what is not already coming, within the maximum (invariant W1).</summary>
    private static PlannedPurchase[] Purchases(PlanInput input, QueuedJob[] placeless, List<PlannedWait> waits)
    {
        if (placeless.Length == 0)
        {
            return [];
        }

        var coming = input.Workers.Count(w => IsComing(w, input));
        var existing = input.Workers.Count(w => w.Phase != WorkerPhase.Removed);
        var room = Math.Max(0, input.Max - existing);
        var wanted = Math.Max(0, placeless.Length - coming);
        var count = input.PurchasesHeld is null ? Math.Min(wanted, room) : 0;

        var served = coming + count;
        var booting = coming == 0 ? "a worker is being bought for it" : $"{coming} worker(s) are on their way, one of them for this job";
        var beyond = input.PurchasesHeld ?? (room == 0
            ? $"all {input.Max} worker(s) that scale.max allows exist and none is free"
            : $"as many workers as scale.max ({input.Max}) allows are on their way, and older jobs come first");
        for (var i = 0; i < placeless.Length; i++)
        {
            waits.Add(new PlannedWait(placeless[i], i < served ? booting : beyond));
        }

        var reason = $"{placeless.Length} job(s) wait without a place, {coming} worker(s) are on their way, {existing} of {input.Max} exist";
        return [.. placeless.Skip(coming).Take(count).Select(job => new PlannedPurchase(job, $"{job} waits: {reason}"))];
    }

    /// <summary>True for a worker that will be free without anybody's doing: it boots, it is being reached again, or it is about to be free.</summary>
    private static bool IsComing(WorkerView worker, PlanInput input) => worker.Phase switch
    {
        WorkerPhase.Provisioning => true,
        WorkerPhase.Idle => !input.Assigning.ContainsKey(worker.Name)
            && (worker.KillMark is not { } mark || input.Now < mark)
            && (!worker.Linked || input.Recording.Contains(worker.Name)),
        _ => false,
    };

    private static int OldestFirst(QueuedJob a, QueuedJob b)
    {
        var byId = a.Id.CompareTo(b.Id);
        return byId != 0 ? byId : a.Attempt.CompareTo(b.Attempt);
    }
}
