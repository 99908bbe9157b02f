using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode.Network;

/// <summary>What surrounds the workers: a firewall, placement groups and private networks, as far as they are configured.</summary>
internal sealed class LinodeNetwork(LinodeApi api, LinodeSettings settings, ILogger log) : IManagedNetwork, IDisposable
{
    private readonly HostAddress _host = new(settings.Firewall?.AddressServices ?? [], null, log);
    private readonly NetworkTurns _turns = new();
    private ManagedFirewall? _firewall;
    private ManagedPlacementGroup? _group;
    private ManagedVpc? _vpc;

    public TimeSpan? RefreshInterval => settings.Firewall is { FollowsHost: true } firewall ? firewall.RefreshInterval : null;

    private ManagedFirewall? Firewall =>
        _firewall ??= settings.Firewall is { } wanted ? new(api, wanted, settings.SshPort, _host, log) : null;

    private ManagedPlacementGroup? Group => _group ??= settings.PlacementGroup is { } wanted ? new(api, wanted, log) : null;

    private ManagedVpc? Vpc => _vpc ??= settings.Vpc is { } wanted ? new(api, wanted, settings.Region, log) : null;

    public void Dispose()
    {
        _host.Dispose();
        _turns.Dispose();
    }

    /// <summary>Makes what the first region needs and refreshes the firewall's rules.</summary>
    public Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken) =>
        _turns.InTurnAsync(() => PlaceAsync(ownership, settings.Region, refresh: true, cancellationToken), cancellationToken);

    /// <summary>The ids a create in a region needs, after making what is gone. Until the lease is disposed of nothing is removed.</summary>
    public Task<NetworkLease<LinodePlace>> LeaseAsync(Ownership ownership, string region, CancellationToken cancellationToken) =>
        _turns.LeaseAsync(() => PlaceAsync(ownership, region, refresh: false, cancellationToken), cancellationToken);

    /// <summary>Removes what is ours and unused; true when nothing of ours is left.</summary>
    public Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken) => _turns.ReleaseAsync(
        async () =>
        {
            var gone = Firewall is null || await Firewall.ReleaseAsync(ownership, cancellationToken).ConfigureAwait(false);
            gone &= Group is null || await Group.ReleaseAsync(ownership, cancellationToken).ConfigureAwait(false);
            return gone & (Vpc is null || await Vpc.ReleaseAsync(ownership, cancellationToken).ConfigureAwait(false));
        },
        cancellationToken);

    private async Task<LinodePlace> PlaceAsync(Ownership ownership, string region, bool refresh, CancellationToken cancellationToken) =>
        new(
        Id("firewall", Firewall is null ? settings.FirewallId : await Firewall.EnsureAsync(
            ownership, refresh, cancellationToken).ConfigureAwait(false)),
        Id("placement group", Group is null ? settings.PlacementGroupId : await Group.EnsureAsync(
            ownership, region, cancellationToken).ConfigureAwait(false)),
        Id("subnet", Vpc is null ? null : await Vpc.EnsureAsync(ownership, region, cancellationToken).ConfigureAwait(false)));

    /// <summary>Id 0 asks Linode for something that does not exist, and fails every create after it.</summary>
    private static long? Id(string what, long? id) =>
        id is null or > 0 ? id : throw new CloudException(CloudErrorKind.Transient, $"Linode gave the {what} the id {id}");
}

/// <summary>What one create attaches its instance to.</summary>
internal sealed record LinodePlace(long? Firewall, long? Group, long? Subnet);
