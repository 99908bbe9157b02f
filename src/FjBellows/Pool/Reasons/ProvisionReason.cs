namespace FjBellows.Pool;

/// <summary>Why a worker is provisioned. A closed set, rendered by <see cref="ReasonText"/>.</summary>
public abstract record ProvisionReason
{
    private ProvisionReason()
    {
    }

    /// <summary>The case in snake_case. It never changes for a case.</summary>
    public abstract string Code { get; }

    /// <inheritdoc />
    public sealed override string ToString() => ReasonText.Of(this);

    /// <summary>Jobs wait and have no worker.</summary>
    /// <param name="Job">The job it is provisioned for.</param>
    /// <param name="Unassigned">Jobs without a worker.</param>
    /// <param name="Provisioning">Workers that will be free without further action.</param>
    /// <param name="Existing">Workers that exist.</param>
    /// <param name="Max"><c>scale.max</c>.</param>
    public sealed record UnassignedJobs(string Job, int Unassigned, int Provisioning, int Existing, int Max) : ProvisionReason
    {
        /// <inheritdoc />
        public override string Code => "unassigned_jobs";
    }

    /// <summary>Without it a job would start after its wait budget.</summary>
    /// <param name="Need">The jobs.</param>
    /// <param name="Saved">Workers fewer than jobs without one.</param>
    /// <param name="WouldBeLate">The job that one worker less would make late; null when none is known.</param>
    public sealed record WaitBudget(UnassignedJobs Need, int Saved, string? WouldBeLate) : ProvisionReason
    {
        /// <inheritdoc />
        public override string Code => "wait_budget";
    }

    /// <summary>The reserve lacks idle workers.</summary>
    /// <param name="Wanted">Idle workers wanted.</param>
    /// <param name="Rule">Which rule wants them.</param>
    /// <param name="Idle">Idle workers kept.</param>
    /// <param name="Provisioning">Workers provisioning for it.</param>
    public sealed record ForReserve(int Wanted, string Rule, int Idle, int Provisioning) : ProvisionReason
    {
        /// <inheritdoc />
        public override string Code => "reserve";
    }

    /// <summary>An operator asked for it.</summary>
    public sealed record Requested(string By) : ProvisionReason
    {
        /// <inheritdoc />
        public override string Code => "requested";
    }
}
