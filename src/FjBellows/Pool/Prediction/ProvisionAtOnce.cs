namespace FjBellows.Pool;

/// <summary>One worker for each job without one, within the maximum (invariant W1).</summary>
internal sealed class ProvisionAtOnce : IProvisioningPolicy
{
    private ProvisionAtOnce()
    {
    }

    /// <summary>The one instance.</summary>
    public static ProvisionAtOnce Instance { get; } = new();

    /// <inheritdoc />
    public void Order(PlanInput input, List<KnownJob> due)
    {
        // Oldest first, as they come.
    }

    /// <inheritdoc />
    public ProvisioningAdvice Advise(Shortage shortage)
    {
        var count = Math.Min(shortage.Wanted, shortage.Room);
        var served = shortage.Coming + count;
        var (provisioning, beyond) = (new WaitReason.ProvisioningWorker(served), shortage.Beyond);
        return new ProvisioningAdvice(
            [.. shortage.Jobs.Skip(shortage.Coming).Take(count).Select(job => new PlannedProvision(job.Job, shortage.Need(job)))],
            i => i < served ? provisioning : beyond);
    }
}
