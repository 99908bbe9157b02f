using FjBellows.Billing;
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

    /// <summary>How long jobs may wait before a worker is bought for them.</summary>
    public WaitSettings Waiting { get; init; } = new();

    /// <summary>When each waiting job was first seen waiting; one that is missing counts from now.</summary>
    public IReadOnlyDictionary<JobKey, DateTimeOffset> FirstSeen { get; init; } = new Dictionary<JobKey, DateTimeOffset>();

    /// <summary>How long jobs and boots usually take; asked only where jobs may wait.</summary>
    public ITimeForecast Forecast { get; init; } = new DurationEstimator(new WaitSettings().ExpectedDuration);

    /// <summary>How the cloud bills: a worker whose job is predicted to end inside the margin takes no further one.</summary>
    public BillingModel Billing { get; init; } = BillingModel.PerSecond;

    /// <summary>How long before the end of a paid step an idle worker is given up.</summary>
    public TimeSpan HourMargin { get; init; }

    /// <summary>True when a worker ends with its first job.</summary>
    public bool SingleUse { get; init; }

    /// <summary>The idle workers wanted beside those that jobs need (<c>scale.min_idle</c>).</summary>
    public Reserve Reserve { get; init; } = Reserve.None;

    /// <summary>Workers told to go on for the reserve: at its kill mark such a one is about to begin another step.</summary>
    public IReadOnlyCollection<string> Kept { get; init; } = [];

    /// <summary>Why nothing at all is started now, null while things are; such as a pause.</summary>
    public string? Stopped { get; init; }

    /// <summary>Why nothing is bought now, null while purchases are free.</summary>
    public string? ProvisioningSuspended { get; init; }

    /// <summary>When a waiting job's budget is used up.</summary>
    /// <param name="job">The job.</param>
    public DateTimeOffset DeadlineOf(QueuedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return FirstSeen.GetValueOrDefault(job.Key, Now) + Waiting.Of(job);
    }
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
/// <param name="Job">A job without a place; null when it is bought for the reserve.</param>
/// <param name="Why">Why it is bought: a sentence.</param>
public sealed record PlannedProvision(QueuedJob? Job, string Why);

/// <summary>A job that stays waiting.</summary>
/// <param name="Job">The job.</param>
/// <param name="Why">Why: a sentence.</param>
public sealed record PlannedWait(QueuedJob Job, string Why);

/// <summary>What to do now.</summary>
/// <param name="Dispatches">Jobs to hand out, oldest first.</param>
/// <param name="Provisions">Workers to buy.</param>
/// <param name="Waits">Jobs that wait on, oldest first, each with its reason.</param>
/// <param name="WakeAt">When a held job, a wait budget or a prediction is due, so that a plan is wanted then; null when none is.</param>
/// <param name="Kept">Idle workers of the reserve, which may begin another paid step while it is wanted.</param>
public sealed record PoolPlan(
    IReadOnlyList<PlannedDispatch> Dispatches,
    IReadOnlyList<PlannedProvision> Provisions,
    IReadOnlyList<PlannedWait> Waits,
    DateTimeOffset? WakeAt,
    IReadOnlySet<string> Kept);
