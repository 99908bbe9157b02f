using FjBellows.Billing;
using FjBellows.Time;

namespace FjBellows.Providers;

/// <summary>A cloud whose creation times are by our clock: the difference is measured at each answer that tells the cloud's time, or else
/// at each create, and taken from every time it tells (invariant B8). Before that it is unknown and nothing is changed.</summary>
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
    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) =>
        Corrected(await MeasureAsync(() => inner.CreateAsync(spec, cancellationToken), i => i.CreatedAt).ConfigureAwait(false), Measured);

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var listed = await MeasureAsync(() => inner.ListAsync(ownership, cancellationToken), _ => null).ConfigureAwait(false);
        var measured = Measured;
        return measured.Difference == TimeSpan.Zero ? listed : [.. listed.Select(i => Corrected(i, measured))];
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        await MeasureAsync(() => inner.GetAsync(id, cancellationToken), _ => null).ConfigureAwait(false) is { } instance
            ? Corrected(instance, Measured)
            : null;

    /// <inheritdoc />
    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) =>
        inner.DeleteAsync(id, name, cancellationToken);

    private async Task<T> MeasureAsync<T>(Func<Task<T>> call, Func<T, DateTimeOffset?> madeAt)
    {
        var (time, before) = (inner.Parts.Time, inner.Parts.Time?.LastAnswer);
        var (requestedAt, followed) = clock.Read();
        var answer = await call().ConfigureAwait(false);
        var (answeredAt, by) = clock.Read();

        // An answer without a time leaves that of an earlier one, which says nothing of this request.
        if ((time?.LastAnswer is { } latest && latest != before ? latest : madeAt(answer)) is { } cloud)
        {
            _last = new Measurement(CloudClock.Measure(cloud, requestedAt.Moved(by - followed), answeredAt), by);
        }

        return answer;
    }

    private static Instance Corrected(Instance instance, CloudClock measured) =>
        measured.Difference == TimeSpan.Zero ? instance : instance with { CreatedAt = measured.ToOurs(instance.CreatedAt) };

    private sealed record Measurement(CloudClock Clock, TimeSpan Followed);
}
