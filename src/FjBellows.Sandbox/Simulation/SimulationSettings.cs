using FjBellows.Billing;

namespace FjBellows.Sandbox.Simulation;

/// <summary>What is simulated beside the jobs: the pool's settings, the cloud's bill, and how long machines take to boot.</summary>
public sealed record SimulationSettings
{
    /// <summary>The most workers at once.</summary>
    public int Max { get; init; } = 1000;

    /// <summary>How long jobs may wait before a worker is created for them.</summary>
    public WaitSettings Waiting { get; init; } = new();

    /// <summary>Which idle workers are wanted beside those that jobs need; null for none.</summary>
    public IReserveSchedule? Reserve { get; init; }

    /// <summary>When idle workers are given up.</summary>
    public TeardownSettings Teardown { get; init; } = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));

    /// <summary>True when a worker ends with its first job.</summary>
    public bool SingleUse { get; init; }

    /// <summary>How often the queue is looked at: quiet and busy. A job is seen by the next look.</summary>
    public PollSettings Poll { get; init; } = new();

    /// <summary>How the cloud bills.</summary>
    public BillingModel Billing { get; init; } = BillingModel.Hourly;

    /// <summary>The price per hour; null where money is of no interest.</summary>
    public decimal? HourlyPrice { get; init; }

    /// <summary>How long a create call takes.</summary>
    public TimeSpan CreateTakes { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>From an instance's creation to its readiness, in the middle.</summary>
    public TimeSpan Boot { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>By how much boots differ: each takes between <c>1 - spread</c> and <c>1 + spread</c> times <see cref="Boot"/>,
    /// evenly.</summary>
    public double BootSpread { get; init; } = 0.2;

    /// <summary>Makes boots repeatable.</summary>
    public int Seed { get; init; } = 1;
}
