using System.Collections.Immutable;

namespace FjBellows.Pool;

/// <summary>How many workers to provision for jobs without one, and which idle ones to keep. The plain policy provisions one for each
/// (<see cref="ProvisionAtOnce"/>); those that know how long things take, or keep a reserve, stand behind the same two questions.</summary>
internal interface IProvisioningPolicy
{
    /// <summary>Orders the jobs that can be served now; they come oldest first.</summary>
    /// <param name="input">What is known.</param>
    /// <param name="due">The jobs.</param>
    void Order(PlanInput input, List<KnownJob> due);

    /// <summary>Says what to provision; never more than the shortage has room for, nor, but for a reserve, than it wants (invariant
    /// W1).</summary>
    /// <param name="shortage">The jobs without a worker.</param>
    ProvisioningAdvice Advise(Shortage shortage);
}

/// <summary>What a policy says.</summary>
/// <param name="Provisions">Workers to provision.</param>
/// <param name="ReasonOf">Why each job of the shortage waits, by its index.</param>
internal sealed record ProvisioningAdvice(IReadOnlyList<PlannedProvision> Provisions, Func<int, WaitReason> ReasonOf)
{
    /// <summary>When another plan is wanted though nothing happens until then; null when never.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>Idle workers to keep.</summary>
    public ImmutableHashSet<string> Kept { get; init; } = [];
}
