using FjBellows.Billing;
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
