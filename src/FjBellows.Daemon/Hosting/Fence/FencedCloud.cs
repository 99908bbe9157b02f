using FjBellows.Billing;
using FjBellows.Journal;
using FjBellows.Providers;

namespace FjBellows.Daemon.Hosting.Fence;

/// <summary>A provider that changes nothing while another daemon may decide for the pool (invariant O5). Reading goes on.</summary>
/// <param name="cloud">The provider.</param>
/// <param name="lease">Says whether this daemon may act.</param>
internal sealed class FencedCloud(ICloudProvider cloud, PoolLease lease) : ICloudProvider
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    public string Name => cloud.Name;

    /// <inheritdoc />
    public BillingModel Billing => cloud.Billing;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities => cloud.Capabilities;

    /// <inheritdoc />
    public CloudParts Parts { get; } = cloud.Parts with
    {
        Network = cloud.Parts.Network is { } network ? new FencedNetwork(network, lease) : null,
        Rebuild = cloud.Parts.Rebuild is { } rebuild ? new FencedRebuild(rebuild, lease) : null,
        Leftovers = cloud.Parts.Leftovers is { } leftovers ? new FencedLeftovers(leftovers, lease) : null,
    };

    /// <inheritdoc />
    public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        Check(lease);
        return cloud.CreateAsync(spec, cancellationToken);
    }

    /// <inheritdoc />
    public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
        cloud.ListAsync(ownership, cancellationToken);

    /// <inheritdoc />
    public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => cloud.GetAsync(id, cancellationToken);

    /// <inheritdoc />
    public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        Check(lease);
        return cloud.DeleteAsync(id, name, cancellationToken);
    }

    private static void Check(PoolLease lease)
    {
        if (!lease.IsHeld)
        {
            // A kind that says: nothing was done, and it may work soon.
            throw new CloudException(CloudErrorKind.RateLimited, FencedConnector.Why, Again);
        }
    }

    private sealed class FencedNetwork(IManagedNetwork network, PoolLease lease) : IManagedNetwork
    {
        public TimeSpan? RefreshInterval => network.RefreshInterval;

        public Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken)
        {
            Check(lease);
            return network.EnsureAsync(ownership, cancellationToken);
        }

        public Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken)
        {
            Check(lease);
            return network.ReleaseAsync(ownership, cancellationToken);
        }
    }

    private sealed class FencedRebuild(IInstanceRebuild rebuild, PoolLease lease) : IInstanceRebuild
    {
        public Task<Instance> RebuildAsync(InstanceId id, InstanceSpec spec, CancellationToken cancellationToken)
        {
            Check(lease);
            return rebuild.RebuildAsync(id, spec, cancellationToken);
        }
    }

    private sealed class FencedLeftovers(ILeftovers leftovers, PoolLease lease) : ILeftovers
    {
        public Task<int> SweepAsync(Ownership ownership, IReadOnlyCollection<string> liveNames, CancellationToken cancellationToken)
        {
            Check(lease);
            return leftovers.SweepAsync(ownership, liveNames, cancellationToken);
        }
    }
}
