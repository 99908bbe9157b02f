using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode.Network;

/// <summary>What surrounds the workers, made and removed one step at a time: nothing is made twice, and nothing is removed while a create
/// is about to use it.</summary>
internal sealed class LinodeNetwork : IDisposable
{
    private readonly LinodeSettings _settings;
    private readonly HostAddress _host;
    private readonly ManagedFirewall? _firewall;
    private readonly ManagedPlacementGroup? _group;
    private readonly ManagedVpc? _vpc;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private int _creating;

    public LinodeNetwork(LinodeApi api, LinodeSettings settings, HttpMessageHandler? addressHandler, ILogger log)
    {
        _settings = settings;
        _host = new HostAddress(settings.Firewall?.AddressServices ?? [], addressHandler, log);
        _firewall = settings.Firewall is { } firewall ? new ManagedFirewall(api, firewall, settings.SshPort, _host, log) : null;
        _group = settings.PlacementGroup is { } group ? new ManagedPlacementGroup(api, group, log) : null;
        _vpc = settings.Vpc is { } vpc ? new ManagedVpc(api, vpc, settings.Region, log) : null;
    }

    public TimeSpan? RefreshInterval => _settings.Firewall is { FollowsHost: true } firewall ? firewall.RefreshInterval : null;

    public void Dispose()
    {
        _host.Dispose();
        _gate.Dispose();
    }

    /// <summary>Makes what the first region needs and refreshes the firewall's rules.</summary>
    public async Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await PlaceAsync(ownership, _settings.Region, refresh: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The ids a create in a region needs, after making what is gone. Until the lease is disposed nothing is removed.</summary>
    public async Task<NetworkLease> LeaseAsync(Ownership ownership, string region, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var (firewall, group, subnet) = await PlaceAsync(ownership, region, refresh: false, cancellationToken).ConfigureAwait(false);
            Interlocked.Increment(ref _creating);
            return new NetworkLease(firewall, group, subnet, () => Interlocked.Decrement(ref _creating));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Removes what is ours and unused; true when nothing of ours is left.</summary>
    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _creating) > 0)
            {
                return false;
            }

            var gone = _firewall is null || await _firewall.ReleaseAsync(ownership, cancellationToken).ConfigureAwait(false);
            gone &= _group is null || await _group.ReleaseAsync(ownership, cancellationToken).ConfigureAwait(false);
            gone &= _vpc is null || await _vpc.ReleaseAsync(ownership, cancellationToken).ConfigureAwait(false);
            return gone;
        }
        catch (CloudException e) when (e.Kind is CloudErrorKind.Conflict or CloudErrorKind.NotFound)
        {
            // Still in use, or removed by somebody else while we looked: the next call sees which.
            return false;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<(long? Firewall, long? Group, long? Subnet)> PlaceAsync(
        Ownership ownership, string region, bool refresh, CancellationToken cancellationToken)
    {
        var firewall = _firewall is null
            ? _settings.FirewallId
            : await _firewall.EnsureAsync(ownership, refresh, cancellationToken).ConfigureAwait(false);
        var group = _group is null
            ? _settings.PlacementGroupId
            : await _group.EnsureAsync(ownership, region, cancellationToken).ConfigureAwait(false);
        var subnet = _vpc is null ? (long?)null : await _vpc.EnsureAsync(ownership, region, cancellationToken).ConfigureAwait(false);
        return (Id("firewall", firewall), Id("placement group", group), Id("subnet", subnet));
    }

    /// <summary>Id 0 asks Linode for something that does not exist, and fails every create after it.</summary>
    private static long? Id(string what, long? id) =>
        id is null or > 0 ? id : throw new CloudException(CloudErrorKind.Transient, $"Linode gave the {what} the id {id}");
}

/// <summary>What one create attaches its instance to.</summary>
internal sealed class NetworkLease(long? firewall, long? group, long? subnet, Action end) : IDisposable
{
    private Action? _end = end;

    public long? FirewallId { get; } = firewall;

    public long? GroupId { get; } = group;

    public long? SubnetId { get; } = subnet;

    public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
}
