using FjBellows.Billing;
using FjBellows.Journal;
using FjBellows.Providers;

namespace FjBellows.Daemon.Hosting.Fence;

/// <summary>A provider that changes nothing while another daemon may decide for the pool (invariant O5). Reading goes on.</summary>
internal class FencedCloud : ICloudProvider
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);
    private readonly ICloudProvider _cloud;
    private readonly PoolLease _lease;

    private FencedCloud(ICloudProvider cloud, PoolLease lease) => (_cloud, _lease) = (cloud, lease);

    /// <inheritdoc />
    public string Name => _cloud.Name;

    /// <inheritdoc />
    public BillingModel Billing => _cloud.Billing;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities => _cloud.Capabilities;

    /// <summary>The provider inside.</summary>
    public ICloudProvider Inner => _cloud;

    /// <summary>Puts the fence around a provider.</summary>
    /// <param name="cloud">The provider.</param>
    /// <param name="lease">Says whether this daemon may act.</param>
    public static ICloudProvider Of(ICloudProvider cloud, PoolLease lease) =>
        cloud is IManagedNetwork network ? new WithNetwork(cloud, network, lease) : new FencedCloud(cloud, lease);

    /// <inheritdoc />
    public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        Check();
        return _cloud.CreateAsync(spec, cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) => _cloud.ListAsync(ownership, cancellationToken);

    /// <inheritdoc />
    public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => _cloud.GetAsync(id, cancellationToken);

    /// <inheritdoc />
    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        Check();
        return _cloud.DeleteAsync(id, name, cancellationToken);
    }

    private void Check()
    {
        if (!_lease.IsHeld)
        {
            // A kind that says: nothing was done, and it may work soon.
            throw new CloudException(CloudErrorKind.RateLimited, FencedConnector.Why, Again);
        }
    }

    private sealed class WithNetwork(ICloudProvider cloud, IManagedNetwork network, PoolLease lease) : FencedCloud(cloud, lease), IManagedNetwork
    {
        public TimeSpan? RefreshInterval => network.RefreshInterval;

        public Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken)
        {
            Check();
            return network.EnsureAsync(ownership, cancellationToken);
        }

        public Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken)
        {
            Check();
            return network.ReleaseAsync(ownership, cancellationToken);
        }
    }
}
