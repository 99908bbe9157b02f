using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Setup;

/// <summary>Everything that is set for one pool. Durations are longer than zero unless said otherwise.</summary>
public sealed record PoolSettings
{
    /// <summary>The pool's name: letters, digits and hyphens; part of actor paths and journal ids.</summary>
    public required string Name { get; init; }

    /// <summary>The labels whose jobs the pool runs.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The marks of the pool's instances.</summary>
    public required Ownership Ownership { get; init; }

    /// <summary>The owner identities of the deployment's other pools: their instances are not foreign (invariant O7).</summary>
    public IReadOnlySet<string> Siblings { get; init; } = new HashSet<string>();

    /// <summary>The most workers at once; 0 disables provisioning, and existing workers drain.</summary>
    public int Max { get; init; } = 1;

    /// <summary>How long jobs may wait before a worker is created for them.</summary>
    public WaitSettings Waiting { get; init; } = new();

    /// <summary>Which idle workers are wanted beside those that jobs need; null for none.</summary>
    public IReserveSchedule? Reserve { get; init; }

    /// <summary>When idle workers are given up.</summary>
    public TeardownSettings Teardown { get; init; } = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(5));

    /// <summary><c>poll.billing_hour</c>: the step an hourly cloud bills in; null leaves it to the provider.</summary>
    public TimeSpan? BillingHour { get; init; }

    /// <summary>How often the outside world is asked.</summary>
    public PollSettings Poll { get; init; } = new();

    /// <summary>How long things may take before they count as broken.</summary>
    public TimeoutSettings Timeouts { get; init; } = new();

    /// <summary><c>worker.reuse: single</c>: a worker runs one task and ends; false keeps it warm for the next.</summary>
    public bool SingleUse { get; init; }

    /// <summary><c>history.retention</c>: how long ended dispatches and workers are remembered (invariant R7).</summary>
    public TimeSpan HistoryRetention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The billing model in force for a provider.</summary>
    /// <param name="provider">The pool's provider.</param>
    public BillingModel BillingOf(ICloudProvider provider)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return BillingHour is { } hour ? provider.Billing.WithHour(hour) : provider.Billing;
    }
}
