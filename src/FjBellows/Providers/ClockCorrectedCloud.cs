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
    private volatile Measurement _last = new(measured, clock.Read().Followed);

    /// <summary>How the cloud's clock differs from ours now: a measurement of before our clock was set still holds for the
    /// cloud's.</summary>
    public CloudClock Measured
    {
        get
        {
            var last = _last;
            return last.Clock.Moved(clock.Read().Followed - last.Followed);
        }
    }

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
        var (requestedAt, followed) = clock.Read();
        var created = await inner.CreateAsync(spec, cancellationToken).ConfigureAwait(false);
        var answered = clock.Read();
        _last = new Measurement(
            CloudClock.Measure(created.CreatedAt, requestedAt.Moved(answered.Followed - followed), answered.Now), answered.Followed);
        return Corrected(created, Measured);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var listed = await inner.ListAsync(ownership, cancellationToken).ConfigureAwait(false);
        var measured = Measured;
        return measured.Difference == TimeSpan.Zero ? listed : [.. listed.Select(i => Corrected(i, measured))];
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        await inner.GetAsync(id, cancellationToken).ConfigureAwait(false) is { } instance ? Corrected(instance, Measured) : null;

    /// <inheritdoc />
    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) =>
        inner.DeleteAsync(id, name, cancellationToken);

    private static Instance Corrected(Instance instance, CloudClock measured) =>
        measured.Difference == TimeSpan.Zero ? instance : instance with { CreatedAt = measured.ToOurs(instance.CreatedAt) };

    private sealed record Measurement(CloudClock Clock, TimeSpan Followed);
}
