using FjBellows.Workers;

namespace FjBellows.Daemon.Control.Api;

/// <summary><c>GET /api/v1/workers</c>: one worker.</summary>
public sealed record WorkerInfo
{
    /// <summary>Its pool.</summary>
    public required string Pool { get; init; }

    /// <summary>Its name, and its instance's.</summary>
    public required string Name { get; init; }

    /// <summary>Where it stands.</summary>
    public required WorkerPhase State { get; init; }

    /// <summary>Why it is where it is: why this machine lives.</summary>
    public required string Why { get; init; }

    /// <summary>The same as a code in snake_case; null where there is none.</summary>
    public string? WhyCode { get; init; }

    /// <summary>True while its connection serves for what it does now: open with the pinned key, and ready for a job or running a
    /// process.</summary>
    public bool Linked { get; init; }

    /// <summary>The cloud's id; null until known.</summary>
    public string? InstanceId { get; init; }

    /// <summary>Where it is reached first; null until known.</summary>
    public string? Address { get; init; }

    /// <summary>Every address, best first.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Region and type.</summary>
    public string Placement { get; init; } = "";

    /// <summary>When it was intended.</summary>
    public DateTimeOffset PlannedAt { get; init; }

    /// <summary>When billing began; null until then.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>When it was first ready; null until then.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    /// <summary>Since when it idles; null while it does not.</summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>When a job last ran on it: now while one does; null before the first.</summary>
    public DateTimeOffset? LastBusyAt { get; init; }

    /// <summary>When it is drained if it idles then; null before there is an instance and on its way out.</summary>
    public DateTimeOffset? TeardownDeadline { get; init; }

    /// <summary>Until when it is billed.</summary>
    public DateTimeOffset? BilledUntil { get; init; }

    /// <summary>How its time is billed.</summary>
    public required BillingInfo Billing { get; init; }

    /// <summary>The price per hour; null where unknown.</summary>
    public decimal? HourlyPrice { get; init; }

    /// <summary>What it costs if it is deleted now; null where the price is unknown or nothing was created yet.</summary>
    public decimal? CostSoFar { get; init; }

    /// <summary>The job it has; null when none.</summary>
    public WorkerJob? Job { get; init; }

    /// <summary>Dispatches that ran a task.</summary>
    public int JobsRun { get; init; }

    /// <summary>The time jobs ran on it, with the running one.</summary>
    public double BusySeconds { get; init; }

    /// <summary>When jobs ran on it, oldest first, at most the newest 500; a span that still lasts has no end.</summary>
    public IReadOnlyList<WorkerSpan> BusySpans { get; init; } = [];
}

/// <summary>The job that a worker has.</summary>
/// <param name="Id">Forgejo's id of the job.</param>
/// <param name="Attempt">Which attempt of it.</param>
/// <param name="Name">Its name.</param>
/// <param name="RepoId">Forgejo's id of its repository.</param>
/// <param name="Repo">Its repository as <c>owner/name</c>; null where Forgejo gave its id only.</param>
/// <param name="Dispatch">The dispatch; the runner's name in Forgejo.</param>
/// <param name="AssignedAt">When it was given to the worker.</param>
/// <param name="StartedAt">When its process ran; null until then.</param>
public sealed record WorkerJob(
    long Id, long Attempt, string Name, long RepoId, string? Repo, string Dispatch, DateTimeOffset AssignedAt, DateTimeOffset? StartedAt);

/// <summary>A stretch of time in which a job ran.</summary>
/// <param name="From">Its begin.</param>
/// <param name="To">Its end; null while it lasts.</param>
/// <param name="Name">The job's name.</param>
/// <param name="Outcome">How it ended; null while it lasts.</param>
public sealed record WorkerSpan(DateTimeOffset From, DateTimeOffset? To, long JobId, string Name, OutcomeKind? Outcome);
