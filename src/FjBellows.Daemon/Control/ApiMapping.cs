using FjBellows.Billing;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Events;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Daemon.Control;

/// <summary>Turns what pools say into what the control plane shows.</summary>
internal static class ApiMapping
{
    /// <summary>How a pool is.</summary>
    public static PoolHealth Health(PoolSnapshot said)
    {
        if (said.Status is not { } status || said.Silent is not null)
        {
            return new PoolHealth(
                said.Pool, said.Status is null && said.Silent is null ? "starting" : "degraded", said.Silent ?? "no answer yet",
                said.Status is { } old ? Sources(old) : []);
        }

        var sources = Sources(status);
        var stale = sources.Where(s => s.Stale).ToArray();
        return stale.Any(s => s.LastSuccessAt is not null || s.Error is not (null or PoolStatus.NotAskedYet))
            ? new PoolHealth(
                said.Pool, "degraded",
                string.Join("; ", stale.Select(s => $"{SnakeCase.Of(s.Source)}: {s.Error ?? "the last successful answer is too old"}")),
                sources)
            : stale.Length > 0 || !status.Recovered
                ? new PoolHealth(said.Pool, "starting", "not all sources have been read yet", sources)
                : status.Hold is { IsBreaker: true } hold ? new PoolHealth(said.Pool, "degraded", hold.ToString(), sources)
                : new PoolHealth(said.Pool, "ok", null, sources);
    }

    /// <summary>A pool.</summary>
    public static PoolInfo Pool(PoolStatus status) => new()
    {
        Name = status.Name,
        At = status.At,
        Provider = status.Provider,
        Labels = status.Labels,
        Billing = Billing(status.Billing),
        Max = status.Max,
        Paused = status.Paused,
        PausedBy = status.PausedBy,
        Draining = status.Draining,
        Recovered = status.Recovered,
        ProvisioningSuspended = status.ProvisioningSuspended,
        ProvisioningSuspendedCode = status.Hold?.Code,
        ProvisioningRetryAt = status.Hold?.RetryAt,
        ProvisioningBreakerOpen = status.Hold?.IsBreaker == true,
        OtherDaemonInstances = status.Totals.OtherDaemonInstances,
        CloudClockDifferenceSeconds = status.CloudClockDifference.TotalSeconds,
        Workers = Counts(status.Workers),
        JobsWaiting = status.Waiting.Count,
        JobsRunning = status.Workers.Count(w => w.Current is not null),
        Totals = Totals(status.Totals),
        Sources = Sources(status),
    };

    /// <summary>A worker.</summary>
    public static WorkerInfo Worker(PoolStatus status, WorkerView view, ControlFeed feed)
    {
        var spans = feed.SpansOf(status.Name, view.Name);
        var running = view.Current is { StartedAt: { } started } current
            ? new WorkerSpan(started, null, current.Job.Id, current.Job.Name, null)
            : null;
        return new WorkerInfo
        {
            Pool = status.Name,
            Name = view.Name,
            State = view.Phase,
            Why = view.Why,
            WhyCode = view.ReasonCode,
            Linked = view.Usable,
            InstanceId = view.InstanceId?.Value,
            Address = view.Addresses.Count > 0 ? view.Addresses[0] : null,
            Addresses = view.Addresses,
            Placement = view.Placement,
            PlannedAt = view.PlannedAt,
            CreatedAt = view.CreatedAt,
            ReadyAt = view.ReadyAt,
            IdleSince = view.IdleSince,
            LastBusyAt = view.Current is not null ? status.At : spans.Count > 0 ? spans[^1].To : null,
            TeardownDeadline = view.TeardownDeadline,
            BilledUntil = view.CreatedAt is { } paidFrom
                ? BilledTime.BilledUntil(status.Billing, paidFrom, status.At, view.HourlyPrice)
                : view.BilledUntil,
            Billing = Billing(status.Billing),
            HourlyPrice = view.HourlyPrice,
            CostSoFar = view.CreatedAt is { } created ? BilledTime.Cost(status.Billing, status.At - created, view.HourlyPrice) : null,
            Job = view.Current is { } job
                ? new WorkerJob(
                    job.Job.Id, job.Job.Attempt, job.Job.Name, job.Job.RepoId, job.Job.Repo, job.Dispatch.Value, job.AssignedAt,
                    job.StartedAt)
                : null,
            JobsRun = view.JobsRun,
            BusySeconds = (view.Busy + (running is { From: var from } && status.At > from ? status.At - from : TimeSpan.Zero)).TotalSeconds,
            BusySpans = running is null ? spans : [.. spans, running],
        };
    }

    /// <summary>A job that waits.</summary>
    public static JobInfo Waiting(PoolStatus status, JobWait wait) => Job(status.Name, wait.Job, JobState.Waiting) with
    {
        Why = wait.Why,
        WhyCode = wait.Reason.Code,
        FirstSeenAt = wait.FirstSeen,
        WaitedSeconds = Math.Max(0, (status.At - wait.FirstSeen).TotalSeconds),
    };

    /// <summary>A job that a worker has.</summary>
    public static JobInfo Running(PoolStatus status, WorkerView worker, Assignment assignment) =>
        Assigned(status.Name, worker.Name, assignment, JobState.Running) with
        {
            Why = assignment.StartedAt is null ? $"{worker.Name} is starting it" : $"it runs on {worker.Name}",
            RanSeconds = assignment.StartedAt is { } started ? Math.Max(0, (status.At - started).TotalSeconds) : null,
        };

    /// <summary>A dispatch that ended.</summary>
    public static JobInfo Ended(DispatchOutcome outcome) => Assigned(outcome.Pool, outcome.Worker, outcome.Assignment, JobState.Ended) with
    {
        Why = outcome.Detail,
        WhyCode = outcome.Cause is { } cause ? SnakeCase.Of(cause) : null,
        EndedAt = outcome.EndedAt,
        Outcome = outcome.Kind,
        ExitCode = outcome.ExitCode,
        RanSeconds = outcome.Assignment.StartedAt is null ? null : outcome.Ran.TotalSeconds,
    };

    /// <summary>How time is billed.</summary>
    public static BillingInfo Billing(BillingModel billing) => new(
        billing.IsLeased ? "leased" : "metered", billing.Granularity.TotalSeconds, billing.MinimumDuration.TotalSeconds,
        billing.MinimumCharge);

    /// <summary>How fresh what a pool knows is.</summary>
    public static IReadOnlyList<SourceInfo> Sources(PoolStatus status) => [.. status.Sources.Select(s => Source(s, status.At))];

    /// <summary>How fresh one source is.</summary>
    public static SourceInfo Source(SourceHealth source, DateTimeOffset now) => new(
        source.Source,
        source.LastSuccess,
        source.LastSuccess is { } at ? Math.Max(0, (now - at).TotalSeconds) : null,
        source.StaleAfter == TimeSpan.MaxValue ? null : source.StaleAfter.TotalSeconds,
        source.Source == PoolSource.Journal ? source.Error is not null : source.IsStale(now),
        source.Error);

    /// <summary>An event.</summary>
    public static EventInfo Event(string? id, PoolNotice notice) =>
        new(id, notice.Pool, notice.At, notice.Kind, notice.Message, notice.Worker, notice.JobId, notice.Code);

    /// <summary>A line of a log.</summary>
    public static LogInfo Log(string id, JobLine line) => new(id, line.At, line.Pool, line.Worker, line.Dispatch, line.JobId, line.Line);

    private static WorkerCounts Counts(IReadOnlyList<WorkerView> workers)
    {
        var counts = workers.CountBy(w => w.Phase).ToDictionary();
        return new WorkerCounts(
            workers.Count, Of(WorkerPhase.Provisioning), Of(WorkerPhase.Idle), Of(WorkerPhase.Busy), Of(WorkerPhase.Draining),
            Of(WorkerPhase.Removing));

        int Of(WorkerPhase phase) => counts.GetValueOrDefault(phase);
    }

    private static JobInfo Job(string pool, QueuedJob job, JobState state) => new()
    {
        Pool = pool,
        Id = job.Id,
        Attempt = job.Attempt,
        Name = job.Name,
        RepoId = job.RepoId,
        Repo = job.Repo,
        RunsOn = job.RunsOn,
        State = state,
    };

    private static JobInfo Assigned(string pool, string worker, Assignment assignment, JobState state) =>
        Job(pool, assignment.Job, state) with
        {
            FirstSeenAt = assignment.SeenAt,
            AssignedAt = assignment.AssignedAt,
            StartedAt = assignment.StartedAt,
            Worker = worker,
            Dispatch = assignment.Dispatch.Value,
            Warm = assignment.Warm,
        };

    private static TotalsInfo Totals(PoolTotals totals) => new(
        totals.WorkersPlanned,
        totals.WorkersGone,
        totals.CreateFailures,
        totals.BootFailures,
        totals.MissedBoundaries,
        totals.Billed.TotalSeconds,
        totals.Busy.TotalSeconds,
        totals.ForeignInstances,
        [.. totals.Outcomes.OrderBy(o => o.Key).Select(o => new OutcomeCount(o.Key, o.Value))]);
}
