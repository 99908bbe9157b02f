using FjBellows.Billing;

namespace FjBellows.Simulation.Tests;

/// <summary>A whole history: what the pool is told, and what happens to it.</summary>
internal sealed record History
{
    /// <summary>The seed that made it; chance inside its faults follows from it too.</summary>
    public required int Seed { get; init; }

    /// <summary>How the cloud bills.</summary>
    public required BillingModel Billing { get; init; }

    /// <summary>The most workers.</summary>
    public required int Max { get; init; }

    /// <summary>How long a machine boots.</summary>
    public required TimeSpan Boot { get; init; }

    /// <summary>How often a busy queue is looked at.</summary>
    public required TimeSpan BusyInterval { get; init; }

    /// <summary>The longest a job may run.</summary>
    public TimeSpan MaxJobRuntime { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How long jobs may wait before a worker is bought for them.</summary>
    public TimeSpan WaitBudget { get; init; }

    /// <summary>How many idle workers are kept.</summary>
    public int Reserve { get; init; }

    /// <summary>What happens, in order.</summary>
    public required IReadOnlyList<HistoryEvent> Events { get; init; }

    /// <summary>How long it is at least: with the end of a history every fault ends.</summary>
    public TimeSpan AtLeast { get; init; }

    /// <summary>When the last of it is over.</summary>
    public TimeSpan Length => Events.Select(e => e.At + e.Lasts).Append(AtLeast).Max();

    public override string ToString() =>
        $"seed {Seed}: max {Max}, billed by {Billing.Granularity} (at least {Billing.MinimumDuration}), boot {Boot}, jobs at most " +
        $"{MaxJobRuntime}, " +
        $"busy interval {BusyInterval}, wait budget {WaitBudget}, reserve {Reserve}\n{string.Join('\n', Events)}";
}
