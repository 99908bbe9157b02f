using FjBellows.Billing;
using FjBellows.Providers;

namespace FjBellows.Daemon.Control.Metrics;

/// <summary>A provider whose calls are timed.</summary>
internal sealed class MeasuredCloud(ICloudProvider cloud, CallTimer timer) : ICloudProvider
{
    /// <inheritdoc />
    public string Name => cloud.Name;

    /// <inheritdoc />
    public BillingModel Billing => cloud.Billing;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities => cloud.Capabilities;

    /// <inheritdoc />
    public CloudParts Parts { get; } =
        cloud.Parts with { Network = cloud.Parts.Network is { } network ? new MeasuredNetwork(network, timer) : null };

    /// <summary>Times a provider's calls.</summary>
    /// <param name="cloud">The provider.</param>
    /// <param name="metrics">Takes the times.</param>
    public static ICloudProvider Of(ICloudProvider cloud, ControlMetrics metrics) =>
        new MeasuredCloud(cloud, new CallTimer(metrics, "provider"));

    /// <inheritdoc />
    public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) =>
        timer.RunAsync("create", () => cloud.CreateAsync(spec, cancellationToken));

    /// <inheritdoc />
    public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
        timer.RunAsync("list", () => cloud.ListAsync(ownership, cancellationToken));

    /// <inheritdoc />
    public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        timer.RunAsync("get", () => cloud.GetAsync(id, cancellationToken));

    /// <inheritdoc />
    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) =>
        timer.RunAsync("delete", () => cloud.DeleteAsync(id, name, cancellationToken));

    private sealed class MeasuredNetwork(IManagedNetwork network, CallTimer timer) : IManagedNetwork
    {
        public TimeSpan? RefreshInterval => network.RefreshInterval;

        public Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken) =>
            timer.RunAsync("network", () => network.EnsureAsync(ownership, cancellationToken));

        public Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken) =>
            timer.RunAsync("network", () => network.ReleaseAsync(ownership, cancellationToken));
    }
}
