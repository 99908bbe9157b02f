namespace FjBellows.Pool;

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
