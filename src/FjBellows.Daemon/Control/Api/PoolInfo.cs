namespace FjBellows.Daemon.Control.Api;

/// <summary><c>GET /api/v1/pools</c>: one pool.</summary>
public sealed record PoolInfo
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>The moment this describes, by the pool's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The provider's name.</summary>
    public required string Provider { get; init; }

    /// <summary>The labels whose jobs it runs, in their full form.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>How its time is billed.</summary>
    public required BillingInfo Billing { get; init; }

    /// <summary>The most workers at once.</summary>
    public int Max { get; init; }

    /// <summary>True while an operator's pause is in force.</summary>
    public bool Paused { get; init; }

    /// <summary>Who paused it; null while it is not paused.</summary>
    public string? PausedBy { get; init; }

    /// <summary>True while it drains for a shutdown.</summary>
    public bool Draining { get; init; }

    /// <summary>True once every worker known from before a restart has reported.</summary>
    public bool Recovered { get; init; }

    /// <summary>Why nothing is provisioned now, as a sentence; null while provisioning is not suspended.</summary>
    public string? ProvisioningSuspended { get; init; }

    /// <summary>The same as a code in snake_case.</summary>
    public string? ProvisioningSuspendedCode { get; init; }

    /// <summary>When provisioning is tried again by itself; null while it is not suspended, and where an operator has to act.</summary>
    public DateTimeOffset? ProvisioningRetryAt { get; init; }

    /// <summary>True while the pool only probes, or waits for an operator, because going on would cost money for nothing.</summary>
    public bool ProvisioningBreakerOpen { get; init; }

    /// <summary>Instances of this pool that another daemon created.</summary>
    public int OtherDaemonInstances { get; init; }

    /// <summary>By how many seconds the cloud's clock is ahead of the daemon's, as measured at the last create.</summary>
    public double CloudClockDifferenceSeconds { get; init; }

    /// <summary>Workers that exist or are being created.</summary>
    public required WorkerCounts Workers { get; init; }

    /// <summary>Jobs that wait.</summary>
    public int JobsWaiting { get; init; }

    /// <summary>Jobs that run.</summary>
    public int JobsRunning { get; init; }

    /// <summary>Counts since the start of the daemon.</summary>
    public required TotalsInfo Totals { get; init; }

    /// <summary>How fresh what it knows is.</summary>
    public required IReadOnlyList<SourceInfo> Sources { get; init; }
}

/// <summary>How time is billed.</summary>
/// <param name="Kind"><c>leased</c> in steps worth keeping a worker for, such as hours; <c>metered</c> by the second.</param>
/// <param name="StepSeconds">The step in which time is billed, rounded up.</param>
/// <param name="MinimumSeconds">The shortest time billed.</param>
/// <param name="MinimumCharge">The smallest amount billed; null where there is none.</param>
public sealed record BillingInfo(string Kind, double StepSeconds, double MinimumSeconds, decimal? MinimumCharge);

/// <summary>Workers by state.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Provisioning">Being created or booting.</param>
/// <param name="Idle">Ready, without a job.</param>
/// <param name="Busy">With a job.</param>
/// <param name="Draining">On their way out.</param>
/// <param name="Removing">Being deleted.</param>
public sealed record WorkerCounts(int Total, int Provisioning, int Idle, int Busy, int Draining, int Removing);

/// <summary>Counts since the start of the daemon.</summary>
/// <param name="WorkersPlanned">Workers intended.</param>
/// <param name="WorkersGone">Workers proven gone after an instance of theirs had existed.</param>
/// <param name="CreateFailures">Creates that the cloud refused.</param>
/// <param name="BootFailures">Workers deleted before they were ready.</param>
/// <param name="MissedBoundaries">Billing periods that began although the worker should have been deleted.</param>
/// <param name="BilledSeconds">Time billed for deleted workers.</param>
/// <param name="BusySeconds">Time jobs ran on deleted workers.</param>
/// <param name="ForeignInstances">Instances with our tag and another owner, at the last listing.</param>
/// <param name="Outcomes">Dispatches by outcome.</param>
public sealed record TotalsInfo(
    int WorkersPlanned,
    int WorkersGone,
    int CreateFailures,
    int BootFailures,
    int MissedBoundaries,
    double BilledSeconds,
    double BusySeconds,
    int ForeignInstances,
    IReadOnlyList<OutcomeCount> Outcomes);

/// <summary>Dispatches that ended in one way.</summary>
/// <param name="Count">How many.</param>
public sealed record OutcomeCount(OutcomeKind Outcome, int Count);
