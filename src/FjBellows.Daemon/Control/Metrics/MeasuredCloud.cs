using FjBellows.Billing;
using FjBellows.Daemon.Hosting.Fence;
using FjBellows.Providers;

namespace FjBellows.Daemon.Control.Metrics;

/// <summary>A provider whose calls are timed.</summary>
internal class MeasuredCloud : ICloudProvider
{
    private readonly ICloudProvider _cloud;

    private protected MeasuredCloud(ICloudProvider cloud, CallTimer timer) => (_cloud, Timer) = (cloud, timer);

    /// <inheritdoc />
    public string Name => _cloud.Name;

    /// <inheritdoc />
    public BillingModel Billing => _cloud.Billing;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities => _cloud.Capabilities;

    private protected CallTimer Timer { get; }

    /// <summary>Times a provider's calls.</summary>
    /// <param name="cloud">The provider.</param>
    /// <param name="metrics">Takes the times.</param>
    public static ICloudProvider Of(ICloudProvider cloud, ControlMetrics metrics)
    {
        var timer = new CallTimer(metrics, "provider");
        return cloud is IManagedNetwork network ? new WithNetwork(cloud, network, timer) : new MeasuredCloud(cloud, timer);
    }

    /// <summary>The provider itself.</summary>
    /// <param name="cloud">One that may be timed.</param>
    public static ICloudProvider Behind(ICloudProvider cloud) => cloud switch
    {
        MeasuredCloud measured => Behind(measured._cloud),
        FencedCloud fenced => Behind(fenced.Inner),
        _ => cloud,
    };

    /// <inheritdoc />
    public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) => Timer.RunAsync("create", () => _cloud.CreateAsync(spec, cancellationToken));

    /// <inheritdoc />
    public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
        Timer.RunAsync("list", () => _cloud.ListAsync(ownership, cancellationToken));

    /// <inheritdoc />
    public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => Timer.RunAsync("get", () => _cloud.GetAsync(id, cancellationToken));

    /// <inheritdoc />
    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) =>
        Timer.RunAsync("delete", () => _cloud.DeleteAsync(id, name, cancellationToken));

    private sealed class WithNetwork(ICloudProvider cloud, IManagedNetwork network, CallTimer timer) : MeasuredCloud(cloud, timer), IManagedNetwork
    {
        public TimeSpan? RefreshInterval => network.RefreshInterval;

        public Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken) => Timer.RunAsync("network", () => network.EnsureAsync(ownership, cancellationToken));

        public Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken) =>
            Timer.RunAsync("network", () => network.ReleaseAsync(ownership, cancellationToken));
    }
}
