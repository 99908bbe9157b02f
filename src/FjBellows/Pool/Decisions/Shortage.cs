using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>The jobs without a worker, and what there is room for.</summary>
internal sealed class Shortage
{
    /// <summary>Counts.</summary>
    /// <param name="input">What is known.</param>
    /// <param name="dispatches">Jobs dispatched by this plan.</param>
    /// <param name="jobs">Jobs without a worker that one may be provisioned for, in the order in which they are served.</param>
    /// <param name="spare">Free workers that got no job.</param>
    public Shortage(
        PlanInput input, IReadOnlyList<PlannedDispatch> dispatches, IReadOnlyList<KnownJob> jobs, IReadOnlyList<KnownWorker> spare)
    {
        (Input, Dispatches, Jobs, Spare) = (input, dispatches, jobs, spare);
        foreach (var worker in input.Workers)
        {
            Coming += worker.IsComing(input.Now) ? 1 : 0;
            Existing += worker.Exists ? 1 : 0;
            if (worker is { Exists: true, View.Phase: WorkerPhase.Removing })
            {
                Deleting++;
                DeletingSince = worker.PhaseSince < (DeletingSince ?? DateTimeOffset.MaxValue) ? worker.PhaseSince : DeletingSince;
            }
        }
    }

    /// <summary>What is known.</summary>
    public PlanInput Input { get; }

    /// <summary>Jobs dispatched by this plan.</summary>
    public IReadOnlyList<PlannedDispatch> Dispatches { get; }

    /// <summary>Jobs without a worker.</summary>
    public IReadOnlyList<KnownJob> Jobs { get; }

    /// <summary>Free workers that got no job.</summary>
    public IReadOnlyList<KnownWorker> Spare { get; }

    /// <summary>Workers that will be free without further action.</summary>
    public int Coming { get; }

    /// <summary>Workers that count towards the maximum.</summary>
    public int Existing { get; }

    /// <summary>Of these, workers being deleted.</summary>
    public int Deleting { get; }

    /// <summary>Since when the oldest of them.</summary>
    public DateTimeOffset? DeletingSince { get; }

    /// <summary>Workers with which each job would have one (invariant W1).</summary>
    public int Wanted => Math.Max(0, Jobs.Count - Coming);

    /// <summary>How many may be provisioned.</summary>
    public int Room => Math.Clamp(Input.Max - Existing, 0, Input.MostProvisions);

    /// <summary>Why no more are provisioned.</summary>
    public WaitReason Beyond => Input.ProvisionHold is { } hold && Input.MostProvisions == 0 ? new WaitReason.Suspended(hold)
        : Existing >= Input.Max && (Deleting > 0 || Coming == 0) ? new WaitReason.AtMaximum(Input.Max, Deleting, DeletingSince)
        : Existing >= Input.Max ? new WaitReason.MaximumProvisioning(Input.Max)
        : Input.ProvisionHold is { } limit ? new WaitReason.Suspended(limit)
        : new WaitReason.MaximumProvisioning(Input.Max);

    /// <summary>The need, for a reason.</summary>
    /// <param name="job">The job it is provisioned for.</param>
    public ProvisionReason.UnassignedJobs Need(KnownJob job) => new(job.Job.ToString(), Jobs.Count, Coming, Existing, Input.Max);
}
