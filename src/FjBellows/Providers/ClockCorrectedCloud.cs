using FjBellows.Billing;
using FjBellows.Time;

namespace FjBellows.Providers;

/// <summary>A cloud whose creation times are by our clock: the difference is measured at each create, and taken from every time it tells
/// (invariant B8). Before the first create of a process it is unknown and nothing is changed.</summary>
/// <param name="inner">The cloud.</param>
/// <param name="clock">Our clock.</param>
/// <param name="measured">What is known of the difference already.</param>
internal sealed class ClockCorrectedCloud(ICloudProvider inner, PoolClock clock, CloudClock measured) : ICloudProvider
{
    private volatile CloudClock _measured = measured;

    /// <summary>How the cloud's clock differs from ours.</summary>
    public CloudClock Measured => _measured;

    /// <inheritdoc />
    public string Name => inner.Name;

    /// <inheritdoc />
    public BillingModel Billing => inner.Billing;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities => inner.Capabilities;

    /// <inheritdoc />
    public CloudParts Parts => inner.Parts;

    /// <inheritdoc />
    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        var requestedAt = clock.Now;
        var created = await inner.CreateAsync(spec, cancellationToken).ConfigureAwait(false);
        _measured = CloudClock.Measure(created.CreatedAt, requestedAt, clock.Now);
        return Corrected(created);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var listed = await inner.ListAsync(ownership, cancellationToken).ConfigureAwait(false);
        return _measured.Difference == TimeSpan.Zero ? listed : [.. listed.Select(Corrected)];
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        await inner.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } instance ? Corrected(instance) : null;

    /// <inheritdoc />
    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) =>
        inner.DeleteAsync(id, name, cancellationToken);

    private Instance Corrected(Instance instance) =>
        _measured.Difference == TimeSpan.Zero ? instance : instance with { CreatedAt = _measured.ToOurs(instance.CreatedAt) };
}
