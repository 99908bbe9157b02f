using System.Text.Json.Serialization;
using FjBellows.Dispatch;
using FjBellows.Jobs;

namespace FjBellows.Ledger;

/// <summary>One job on one worker, from the decision on.</summary>
/// <param name="Dispatch">The dispatch; its runner's name in Forgejo too.</param>
/// <param name="Job">The job as it was listed when it was assigned.</param>
/// <param name="AssignedAt">When the decision was written down.</param>
/// <param name="Warm">True when the worker had been idle and ready before the job was assigned without having been created for it.</param>
/// <param name="RunnerId">Its registration in Forgejo, null until registered.</param>
/// <param name="RunnerUuid">Its registration's uuid.</param>
/// <param name="StartedAt">When its process was known to run, null until then.</param>
public sealed record Assignment(
    DispatchId Dispatch,
    QueuedJob Job,
    DateTimeOffset AssignedAt,
    bool Warm,
    long? RunnerId = null,
    string? RunnerUuid = null,
    DateTimeOffset? StartedAt = null)
{
    /// <summary>When the pool first saw the job waiting; null in records of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? SeenAt { get; init; }
}

/// <summary>How a dispatch ended (invariant J10). It tells whether a task ran, not whether the job passed: only Forgejo knows
/// that.</summary>
public enum OutcomeKind
{
    /// <summary>The runner ran a task and exited with 0.</summary>
    Completed,

    /// <summary>The runner was given no task (exit 2): another runner has it, it was cancelled, or its concurrency group holds
    /// it.</summary>
    NoTask,

    /// <summary>The job was cancelled in Forgejo and its process ended by us, or it ran longer than allowed.</summary>
    Cancelled,

    /// <summary>The worker, or the process on it, went away in mid-job.</summary>
    Lost,

    /// <summary>No process came to run: the registration, the launch, or the runner's own start failed.</summary>
    FailedToStart,
}

/// <summary>The record of one dispatch.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Worker">The worker.</param>
/// <param name="Assignment">What was dispatched, with its times.</param>
/// <param name="Kind">How it ended.</param>
/// <param name="EndedAt">When its end was seen.</param>
/// <param name="ExitCode">The runner's exit code, null where none was left.</param>
/// <param name="Detail">What the operator should know: the reason, or the last lines of the runner's log.</param>
public sealed record DispatchOutcome(
    string Pool,
    string Worker,
    Assignment Assignment,
    OutcomeKind Kind,
    DateTimeOffset EndedAt,
    int? ExitCode,
    string Detail)
{
    /// <summary>What brought it to its end; null in records of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutcomeCause? Cause { get; init; }

    /// <summary>How long Forgejo, or a proxy before it, asked to wait before the next registration; null where it did not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long the job's process ran; zero when it never did.</summary>
    public TimeSpan Ran => Assignment.StartedAt is { } started && EndedAt > started ? EndedAt - started : TimeSpan.Zero;
}

/// <summary>The last word on a worker: how long it lived, what was paid, what was used.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Worker">The worker.</param>
/// <param name="InstanceId">The cloud's id; null when none was ever known.</param>
/// <param name="Placement">Region and type, for people.</param>
/// <param name="PlannedAt">When it was intended.</param>
/// <param name="CreatedAt">When billing began; null when nothing was created.</param>
/// <param name="ReadyAt">When it was first ready; null when never.</param>
/// <param name="GoneAt">When its absence was proven.</param>
/// <param name="Busy">The time its jobs' processes ran.</param>
/// <param name="Billed">The time billed.</param>
/// <param name="HourlyPrice">The price per hour; null where unknown.</param>
/// <param name="Jobs">Dispatches that ran a task.</param>
/// <param name="MissedBoundaries">Billing periods that began although it was idle and its mark had passed (invariant B2).</param>
/// <param name="Why">Why it was created.</param>
/// <param name="End">Why it ended.</param>
public sealed record WorkerLedger(
    string Pool,
    string Worker,
    string? InstanceId,
    string Placement,
    DateTimeOffset PlannedAt,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? ReadyAt,
    DateTimeOffset GoneAt,
    TimeSpan Busy,
    [property: JsonPropertyName("paid")] TimeSpan Billed,
    decimal? HourlyPrice,
    int Jobs,
    int MissedBoundaries,
    string Why,
    string End);
