using FjBellows.Providers;

namespace FjBellows.Workers;

/// <summary>A worker as its pool and the operator see it.</summary>
public sealed record WorkerView
{
    /// <summary>The worker's and instance's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required WorkerPhase Phase { get; init; }

    /// <summary>True while the connection serves for what the worker does now: it is open with the pinned key, and readiness is proven on
    /// it (invariant W13) or a process runs, which is followed on any open connection.</summary>
    public bool Usable { get; init; }

    /// <summary>The cloud's id, null until known.</summary>
    public InstanceId? InstanceId { get; init; }

    /// <summary>Where it is reached, in the order in which they are tried.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Region and type.</summary>
    public string Placement { get; init; } = "";

    /// <summary>When it was intended.</summary>
    public DateTimeOffset PlannedAt { get; init; }

    /// <summary>When billing began.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was first ready.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Since when it idles; null while it does not.</summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>When it is drained if it idles then; null before there is an instance and while it is on its way out.</summary>
    public DateTimeOffset? TeardownDeadline { get; init; }

    /// <summary>Until when it is billed.</summary>
    public DateTimeOffset? BilledUntil { get; init; }

    /// <summary>The price per hour; null where unknown.</summary>
    public decimal? HourlyPrice { get; init; }

    /// <summary>The job it runs.</summary>
    public Assignment? Current { get; init; }

    /// <summary>True once the job it runs has begun, as Forgejo or the runner's log says: a runner may wait and be given no task.</summary>
    public bool HadTask { get; init; }

    /// <summary>Dispatches that ran a task.</summary>
    public int JobsRun { get; init; }

    /// <summary>The time jobs ran on it so far, without the running one.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>Why it is where it is: a sentence for "why does this VM live".</summary>
    public string Why { get; init; } = "";

    /// <summary>The code of the <see cref="Reasons.RemovalReason"/> for which it drains or is deleted; null while it does not.</summary>
    public string? ReasonCode { get; init; }

    /// <summary>Since when it is connected and usable; null while it is not.</summary>
    public DateTimeOffset? ConnectedSince { get; init; }

    /// <summary>Since when it is not usable; null while it is. An idle worker that has been disconnected for a while is no capacity
    /// (invariant W19).</summary>
    public DateTimeOffset? DisconnectedSince { get; init; }

    /// <summary>Dispatches in a row that failed for reasons of its own (invariant W9).</summary>
    public int OwnFailures { get; init; }

    /// <summary>True when a job can be given to it at a moment: idle, usable, and before its teardown deadline (invariant B3).</summary>
    public bool CanTakeJob(DateTimeOffset now) =>
        Phase == WorkerPhase.Idle && Usable && (TeardownDeadline is not { } deadline || now < deadline);
}
