namespace FjBellows.Pool;

/// <summary>The fewest workers with which every job is predicted to start within its wait budget; never more than
/// <see cref="ProvisionAtOnce"/>.</summary>
/// <param name="waiting">The budgets.</param>
/// <param name="forecast">How long jobs and boots take.</param>
/// <param name="terms">How time is billed.</param>
internal sealed class ProvisionInTime(WaitSettings waiting, ITimeForecast forecast, WorkerTerms terms) : IProvisioningPolicy
{
    // More jobs than anyone reads are explained together.
    private const int ExplainedSingly = 200;

    /// <inheritdoc />
    public void Order(PlanInput input, List<KnownJob> due) =>
        // The budget that ends first is served first; of equal budgets the oldest, so nothing starves (invariant J2).
        due.Sort(
            (a, b) => waiting.DeadlineOf(a.Job, a.FirstSeen).CompareTo(waiting.DeadlineOf(b.Job, b.FirstSeen)) is var byDeadline and not 0
                ? byDeadline
                : PoolPlanner.OldestFirst(a, b));

    /// <inheritdoc />
    public ProvisioningAdvice Advise(Shortage shortage)
    {
        if (shortage.Jobs.Count == 0)
        {
            return new ProvisioningAdvice([], _ => shortage.Beyond);
        }

        var jobs = shortage.Jobs;
        var prediction = new WaitPrediction(shortage, waiting, forecast, terms);
        var wanted = prediction.Fewest(Math.Clamp(prediction.Due - shortage.Coming, 0, shortage.Wanted), shortage.Wanted);
        var count = Math.Min(wanted, shortage.Room);
        var starts = new PredictedStart[Math.Min(jobs.Count, ExplainedSingly)];
        prediction.FirstLate(count, starts);
        var beyond = count < wanted ? shortage.Beyond : null;
        var late = count > 0 ? prediction.FirstLate(count - 1, []) : null;
        return new ProvisioningAdvice(
            [.. jobs.Take(count)
                .Select(job => new PlannedProvision(
                    job.Job, new ProvisionReason.WaitBudget(shortage.Need(job), shortage.Wanted - wanted, late?.Job.ToString())))],
            i => i < starts.Length
                ? ReasonOf(shortage, jobs[i], starts[i], i < shortage.Coming + count, beyond)
                : new WaitReason.Queued(starts.Length, beyond))
        {
            WakeAt = prediction.WakeAt,
        };
    }

    private WaitReason ReasonOf(Shortage shortage, KnownJob job, PredictedStart start, bool hasOwn, WaitReason? beyond)
    {
        var deadline = waiting.DeadlineOf(job.Job, job.FirstSeen);
        return start.At == DateTimeOffset.MaxValue || (beyond is not null && !hasOwn && start.At > deadline)
            ? beyond ?? shortage.Beyond
            : new WaitReason.Predicted(start.Worker, start.At, deadline, forecast.Of(job.Job));
    }
}
