using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>A pool's whole state at one moment: the answer to <see cref="PoolProtocol.GetStatus"/>.</summary>
public sealed record PoolStatus
{
    /// <summary>What a source says that was not asked yet.</summary>
    public const string NotAskedYet = "not asked yet";

    /// <summary>The pool's name.</summary>
    public required string Name { get; init; }

    /// <summary>The moment, by the pool's clock.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The provider's name.</summary>
    public string Provider { get; init; } = "";

    /// <summary>The billing model in force.</summary>
    public BillingModel Billing { get; init; } = BillingModel.PerSecond;

    /// <summary>The labels whose jobs the pool runs, in their full form.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The most workers at once.</summary>
    public int Max { get; init; }

    /// <summary>True while an operator's pause is in force.</summary>
    public bool Paused => PausedBy is not null;

    /// <summary>Who paused the pool; null while it is not paused.</summary>
    public string? PausedBy { get; init; }

    /// <summary>True once every worker of the journal has reported after a start: nothing is planned before.</summary>
    public bool Recovered { get; init; }

    /// <summary>True while the pool drains for a shutdown.</summary>
    public bool Draining { get; init; }

    /// <summary>Why no worker is provisioned; null when one may be.</summary>
    public ProvisioningHold? Hold { get; init; }

    /// <summary><see cref="Hold"/> as a sentence.</summary>
    public string? ProvisioningSuspended => Hold?.ToString();

    /// <summary>By how much the cloud's clock is ahead of ours, as measured at the last create; zero before one.</summary>
    public TimeSpan CloudClockDifference { get; init; }

    /// <summary>The workers, oldest first.</summary>
    public IReadOnlyList<WorkerView> Workers { get; init; } = [];

    /// <summary>The pool's waiting jobs, oldest first, each with the reason why it still waits.</summary>
    public IReadOnlyList<JobWait> Waiting { get; init; } = [];

    /// <summary>Recent outcomes, newest last.</summary>
    public IReadOnlyList<DispatchOutcome> Recent { get; init; } = [];

    /// <summary>How fresh each source is.</summary>
    public IReadOnlyList<SourceHealth> Sources { get; init; } = [];

    /// <summary>How long the last write to the pool's journal took; null before the first.</summary>
    public TimeSpan? JournalLatency { get; init; }

    /// <summary>What happened since the start of this process.</summary>
    public PoolTotals Totals { get; init; } = new();
}

/// <summary>A job that waits.</summary>
/// <param name="Job">The job.</param>
/// <param name="FirstSeen">When this process first saw it waiting.</param>
/// <param name="Reason">Why it still waits.</param>
public sealed record JobWait(QueuedJob Job, DateTimeOffset FirstSeen, WaitReason Reason)
{
    /// <summary><see cref="Reason"/> as a sentence.</summary>
    public string Why => Reason.ToString();
}

/// <summary>How fresh a source is (invariant R3).</summary>
/// <param name="Source">Which.</param>
/// <param name="LastSuccess">When its last good answer was asked for; null when there was none.</param>
/// <param name="Error">The failure since then, null when the last answer was good.</param>
/// <param name="StaleAfter">From which age on it counts as stale.</param>
public sealed record SourceHealth(PoolSource Source, DateTimeOffset? LastSuccess, string? Error, TimeSpan StaleAfter)
{
    /// <summary>True when the last successful answer is too old to be trusted.</summary>
    /// <param name="now">The present.</param>
    public bool IsStale(DateTimeOffset now) => LastSuccess is not { } at || now - at > StaleAfter;
}

/// <summary>Counts since the start of this process.</summary>
public sealed record PoolTotals
{
    /// <summary>Workers intended.</summary>
    public int WorkersPlanned { get; init; }

    /// <summary>Of these, workers that an operator asked for.</summary>
    public int WorkersAskedFor { get; init; }

    /// <summary>Workers proven gone after an instance of theirs had existed.</summary>
    public int WorkersGone { get; init; }

    /// <summary>Creates that the cloud refused.</summary>
    public int CreateFailures { get; init; }

    /// <summary>Workers that were given up before they were ready.</summary>
    public int BootFailures { get; init; }

    /// <summary>Dispatches by outcome.</summary>
    public IReadOnlyDictionary<OutcomeKind, int> Outcomes { get; init; } = new Dictionary<OutcomeKind, int>();

    /// <summary>Billing periods that began for nothing (<c>fjb_billing_boundary_missed_total</c>, invariant B2).</summary>
    public int MissedBoundaries { get; init; }

    /// <summary>Time billed for deleted workers.</summary>
    public TimeSpan Billed { get; init; }

    /// <summary>Time jobs ran on deleted workers.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>Instances that carry our tag but another owner's identity, at the last listing (invariant O1).</summary>
    public int ForeignInstances { get; init; }

    /// <summary>Instances of ours that another daemon created, at the last listing (invariant O5).</summary>
    public int OtherDaemonInstances { get; init; }
}
