using System.Globalization;
using System.Text.Json.Serialization;
using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Providers;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers;

/// <summary>A worker's life so far: what its journal says, and nothing else. Also its snapshot.</summary>
internal sealed record WorkerState
{
    /// <summary>The worker before its first event.</summary>
    public static WorkerState Empty { get; } = new();

    /// <summary>Where it stands; null before the first event.</summary>
    public WorkerPhase? Phase { get; init; }

    /// <summary>When it was intended, or adopted to be deleted.</summary>
    public DateTimeOffset PlannedAt { get; init; }

    /// <summary>Why it was created.</summary>
    public string PlannedWhy { get; init; } = "";

    /// <summary>The pinned public host key; null where there is none.</summary>
    public string? HostKey { get; init; }

    /// <summary>The cloud's id.</summary>
    public InstanceId? InstanceId { get; init; }

    /// <summary>When the instance became known to us.</summary>
    public DateTimeOffset? KnownAt { get; init; }

    /// <summary>When billing began, by the cloud's clock.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Where to connect.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Region and type.</summary>
    public string Placement { get; init; } = "";

    /// <summary>The price per hour.</summary>
    public decimal? HourlyPrice { get; init; }

    /// <summary>When it first proved ready.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Since when it has no job, once ready.</summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>The end of the last billing period that was begun on purpose, for the reserve.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? RenewedUntil { get; init; }

    /// <summary>The job it has.</summary>
    public Assignment? Current { get; init; }

    /// <summary>The last dispatch that ended.</summary>
    public EndedDispatch? LastEnded { get; init; }

    /// <summary>How long <see cref="Current"/> had been assigned when that was last written, and when that was; null until it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JobAged? Age { get; init; }

    /// <summary>The number of the last dispatch, at least how many there were: the next one has a greater.</summary>
    public int Dispatches { get; init; }

    /// <summary>Dispatches that ran a task.</summary>
    public int JobsRun { get; init; }

    /// <summary>Failures in a row that were the worker's own (invariant W9).</summary>
    public int OwnFailures { get; init; }

    /// <summary>The time jobs ran.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>When it came into its phase.</summary>
    public DateTimeOffset PhaseSince { get; init; }

    /// <summary>Why it is in its phase.</summary>
    public string Why { get; init; } = "";

    /// <summary>The code of the reason for which it drains or is deleted; null while it does not, and in records of before it was
    /// kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasonCode { get; init; }

    /// <summary>True once a create call failed: no instance ever existed.</summary>
    public bool NeverCreated => Phase == WorkerPhase.Removed && InstanceId is null;

    /// <summary>True when a job ran on it, or its runner was started and no one knows how far it came.</summary>
    public bool MayHaveRunJob => JobsRun > 0 || LastEnded is { Assignment.StartedAt: not null, Kind: not OutcomeKind.NoTask };

    /// <summary>The state after an event.</summary>
    /// <param name="event">What happened.</param>
    public WorkerState Apply(IWorkerEvent @event) => @event switch
    {
        WorkerIntended e => this with
        {
            Phase = WorkerPhase.Provisioning,
            PlannedAt = e.At,
            PlannedWhy = e.Why,
            HostKey = e.HostKey,
            PhaseSince = e.At,
            Why = e.Why,
        },
        InstanceCreated e => this with
        {
            // An adopted orphan has no intent before it.
            Phase = Phase ?? WorkerPhase.Provisioning,
            PlannedAt = Phase is null ? e.At : PlannedAt,
            PhaseSince = Phase is null ? e.At : PhaseSince,
            InstanceId = e.InstanceId,
            KnownAt = e.At,
            CreatedAt = e.CreatedAt,
            Addresses = e.Addresses,
            Placement = e.Placement,
            HourlyPrice = e.HourlyPrice,
        },
        AddressesLearned e => this with { Addresses = e.Addresses },
        HostKeyPinned e => this with { HostKey = e.HostKey },
        WorkerBecameReady e => Enter(WorkerPhase.Idle, e.At, "ready, no job yet") with { ReadyAt = ReadyAt ?? e.At, IdleSince = e.At },
        JobAssigned e => Enter(WorkerPhase.Busy, e.At, $"runs {e.Assignment.Job}") with
        {
            Current = e.Assignment,
            Dispatches = Math.Max(Dispatches + 1, NumberOf(e.Assignment.Dispatch)),
            IdleSince = null,
            Age = null,
        },
        RunnerRegistered e => this with { Current = Current! with { RunnerId = e.RunnerId, RunnerUuid = e.Uuid } },
        JobStarted e => this with { Current = Current! with { StartedAt = e.At } },
        JobAged e => this with { Age = e },
        MomentsCorrected e => this with { CreatedAt = e.CreatedAt, IdleSince = e.IdleSince, RenewedUntil = e.RenewedUntil },
        JobEnded e => Ended(e),
        BillingRenewed e => this with { RenewedUntil = e.Until, Why = $"kept for the reserve until {e.Until:HH:mm:ss 'UTC'}" },
        DrainStarted e =>
            Enter(WorkerPhase.Draining, e.At, e.Why) with { IdleSince = Current is null ? IdleSince : null, ReasonCode = e.Code },
        RemovalStarted e => Enter(WorkerPhase.Removing, e.At, e.Why) with { ReasonCode = e.Code },
        InstanceGone e => Enter(WorkerPhase.Removed, e.At, Why.Length == 0 || Phase == WorkerPhase.Provisioning ? e.Why : Why),
        _ => throw new ArgumentException($"worker event {@event.GetType().Name} is not known to this version", nameof(@event)),
    };

    /// <summary>When an idle worker in this state is drained; null before there is an instance. The one rule for it, of worker and planner
    /// alike.</summary>
    /// <param name="billing">The billing model in force.</param>
    /// <param name="teardown">The pool's settings.</param>
    /// <param name="idleSince">Since when it idles, by the present wall clock; null while it does not.</param>
    public DateTimeOffset? TeardownDeadline(
        BillingModel billing, TeardownSettings teardown, DateTimeOffset now, DateTimeOffset? idleSince) =>
        CreatedAt is { } created
            ? TeardownPolicy.TeardownDeadline(billing, teardown, created, idleSince ?? now, now, HourlyPrice, RenewedUntil)
            : null;

    /// <summary>The number at the end of a dispatch's name; zero where there is none.</summary>
    private static int NumberOf(DispatchId dispatch) =>
        int.TryParse(
            dispatch.Value.AsSpan(dispatch.Value.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : 0;

    private WorkerState Enter(WorkerPhase phase, DateTimeOffset at, string why) => this with { Phase = phase, PhaseSince = at, Why = why };

    private WorkerState Ended(JobEnded e)
    {
        var current = Current ?? throw new InvalidOperationException("a dispatch ended on a worker that had none");
        var ran = e.Ran ?? (current.StartedAt is { } started && e.At > started ? e.At - started : TimeSpan.Zero);
        var after = Phase == WorkerPhase.Busy ? Enter(WorkerPhase.Idle, e.At, $"idle since {current.Job} ended") : this;
        // A registration that failed is Forgejo's failure; one that existed and led to no run is the worker's (invariant W9).
        var own = e.Cause is { } cause ? cause.IsOwn() : e.Kind == OutcomeKind.Lost
            || (e.Kind == OutcomeKind.FailedToStart && current.RunnerId is not null);
        return after with
        {
            Current = null,
            Age = null,
            LastEnded = new EndedDispatch(current, e.Kind, e.At, e.ExitCode, e.Detail) { Cause = e.Cause, RetryAfter = e.RetryAfter },
            JobsRun = JobsRun + (e.Kind is OutcomeKind.Completed or OutcomeKind.Cancelled || e.HadTask ? 1 : 0),
            Busy = Busy + ran,
            IdleSince = e.At,
            OwnFailures = own ? OwnFailures + 1 : e.Kind == OutcomeKind.Completed ? 0 : OwnFailures,
        };
    }
}

/// <summary>A dispatch that ended, as the worker's journal keeps it.</summary>
/// <param name="Assignment">What was dispatched.</param>
/// <param name="Kind">How it ended.</param>
/// <param name="ExitCode">The runner's exit code.</param>
/// <param name="Detail">What the operator should know.</param>
internal sealed record EndedDispatch(Assignment Assignment, OutcomeKind Kind, DateTimeOffset At, int? ExitCode, string Detail)
{
    /// <summary>What brought it to its end; null in records of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutcomeCause? Cause { get; init; }

    /// <summary>How long Forgejo asked to wait before the next registration.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The outcome as the pool and the history know it.</summary>
    public DispatchOutcome Of(string pool, string worker) =>
        new(pool, worker, Assignment, Kind, At, ExitCode, Detail) { Cause = Cause, RetryAfter = RetryAfter };
}
