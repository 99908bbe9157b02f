using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using FjBellows.Billing;
using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Linode.Network;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Providers.Linode;

/// <summary>Linode as a source of workers. One provider serves one pool; pools that share a token share a
/// <see cref="LinodeBudget"/>.</summary>
public sealed class LinodeProvider : ICloudProvider, IDisposable
{
    /// <summary>The name as configuration writes it.</summary>
    public const string ProviderName = "linode";

    /// <summary>What Linode's metadata service carries, known without an account. Linode's documentation gives two limits that contradict
    /// each other; this is the smaller.</summary>
    public static ProviderCapabilities Carries { get; } = new(MaxUserDataBytes: 16 * 1024, AcceptsGzip: true);

    private const string Path = "linode/instances";
    private const string PasswordAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_";

    private readonly LinodeSettings _settings;
    private readonly ILogger _log;
    private readonly LinodeApi _api;
    private readonly LinodeNetwork _network;
    private readonly PriceBook _prices;
    private readonly ConcurrentDictionary<long, string> _vpcAddresses = [];

    /// <summary>A provider for one pool.</summary>
    /// <param name="settings">Settings without <see cref="LinodeSettings.Problems"/>.</param>
    /// <param name="budget">The token's budget; one of its own when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="log">Where it says what it did beside what was asked.</param>
    /// <param name="handler">Another way to the cloud, in tests.</param>
    /// <exception cref="ArgumentException">The settings have problems.</exception>
    public LinodeProvider(
        LinodeSettings settings, LinodeBudget? budget = null, TimeProvider? time = null, ILogger? log = null,
        HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        SettingChecks.Demand(settings.Problems());
        var clock = time ?? TimeProvider.System;
        var requests = budget ?? new LinodeBudget(clock);
        _settings = settings;
        _log = log ?? NullLogger.Instance;
        _api = new LinodeApi(settings, requests, clock, handler);
        _network = new LinodeNetwork(_api, settings, _log);
        _prices = new PriceBook(ReadPricesAsync, clock, _log);
        Parts = new CloudParts { Network = _network, Account = new LinodeCheck(_api, settings), Budget = requests, Time = _api.CloudTime };
    }

    /// <inheritdoc />
    public string Name => ProviderName;

    /// <inheritdoc />
    public BillingModel Billing => BillingModel.Hourly;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities => Carries;

    /// <inheritdoc />
    public CloudParts Parts { get; }

    /// <inheritdoc />
    public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var metadata = RestInstances.UserDataOf(spec, "Linode", Carries.MaxUserDataBytes) is { } text
            ? new LinodeMetadata(Convert.ToBase64String(Encoding.UTF8.GetBytes(text)))
            : null;
        return Choices.FirstWithRoomAsync(
            "Linode", _settings.Placements, spec, placement => CreateInAsync(placement, spec, metadata, cancellationToken), _log);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        var listed = await _api.ListAsync<LinodeInstance>(Path, "tags", ownership.Tag, cancellationToken).ConfigureAwait(false);
        var tagged = listed.Where(l => l.Tags?.Contains(ownership.Tag, StringComparer.Ordinal) ?? false).DistinctBy(l => l.Id).ToList();
        var instances = await MapAsync(tagged, cancellationToken).ConfigureAwait(false);
        foreach (var id in _vpcAddresses.Keys.Except(tagged.Select(l => l.Id)).ToList())
        {
            _vpcAddresses.TryRemove(id, out _);
        }

        return instances;
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken).ConfigureAwait(false) is { } linode
            ? await MapAsync(linode, cancellationToken).ConfigureAwait(false)
            : null;

    /// <inheritdoc />
    public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        var linode = await FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (linode is null || linode.Status == "deleting")
        {
            return;
        }

        RestInstances.DemandName("Linode", linode.Id, linode.Label, name);
        if (linode.Locks is { Count: > 0 } locks)
        {
            throw new CloudException(
                CloudErrorKind.Conflict,
                $"Linode {name} ({id}) carries the lock {string.Join(", ", locks)} and is billed on; remove the lock, the deletion is " +
                $"tried again");
        }

        if (linode.Status is "cloning" or "restoring")
        {
            throw new CloudException(
                CloudErrorKind.Conflict,
                $"Linode {name} ({id}) is {linode.Status}, which Linode does not allow to be interrupted; the deletion is retried");
        }

        await _api.DeleteAsync(PathOf(id), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _prices.Dispose();
        _network.Dispose();
        _api.Dispose();
    }

    private static string PathOf(InstanceId id) => RestInstances.PathOf(Path, id, "Linode");

    private Task<LinodeInstance?> FindAsync(InstanceId id, CancellationToken cancellationToken) =>
        _api.FindAsync<LinodeInstance>(PathOf(id), cancellationToken);

    private async Task<Instance> CreateInAsync(
        LinodePlacement placement, InstanceSpec spec, LinodeMetadata? metadata, CancellationToken cancellationToken)
    {
        try
        {
            return await AttachAsync(placement, spec, metadata, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.InnerException is LinodeRefusal { MissesNetwork: true })
        {
            // Something was removed between the look and the create; the second look makes it again. A network of the operator's stays
            // missing.
            _log.LogWarning("The network around {Name} is gone, trying once more: {Reason}", spec.Name, e.Message);
            return await AttachAsync(placement, spec, metadata, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Instance> AttachAsync(
        LinodePlacement placement, InstanceSpec spec, LinodeMetadata? metadata, CancellationToken cancellationToken)
    {
        using var lease = await _network.LeaseAsync(spec.Ownership, placement.Region, cancellationToken).ConfigureAwait(false);
        var body = Body(placement, spec, metadata, lease.On);
        try
        {
            return await BuyAsync(spec, body, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.InnerException is LinodeRefusal { IsPlacementGroupFull: true }
            && _settings.PlacementGroup?.Enforcement != LinodeEnforcement.Strict)
        {
            _log.LogWarning("The placement group has no room for {Name}, so it is created outside it: {Reason}", spec.Name, e.Message);
            return await BuyAsync(spec, body with { PlacementGroup = null }, cancellationToken).ConfigureAwait(false);
        }
    }

    private LinodeCreate Body(LinodePlacement placement, InstanceSpec spec, LinodeMetadata? metadata, LinodePlace place) => new(
        placement.Region,
        placement.Type,
        spec.Name,
        _settings.Image,
        // No one will ever know it: workers are entered by key. Linode asks for one of mixed characters all the same.
        RandomNumberGenerator.GetString(PasswordAlphabet, 40) + "aA1-",
        [.. spec.AuthorizedKeys.Select(k => k.Trim())],
        [spec.Ownership.Tag, spec.Ownership.Owner, .. spec.Marks],
        metadata,
        place.Firewall,
        place.Group is { } group ? new LinodeGroupReference(group) : null,
        place.Subnet is { } subnet ? [new LinodeInterface("vpc", subnet, Primary: true, new LinodeInterfaceIpv4("any"))] : null,
        // An account may default to the newer kind of interface, which takes its firewall and VPC in another place of the request.
        place.Firewall is not null || place.Subnet is not null ? "legacy_config" : null);

    /// <summary>Labels are unique in an account, so the label settles whether a create took effect.</summary>
    private Task<Instance> BuyAsync(InstanceSpec spec, LinodeCreate body, CancellationToken cancellationToken) => Adoption.CreateAsync(
        spec,
        async () => await MapAsync(
            await _api.CreateInstanceAsync(body, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false),
        async () => await MapAsync(
            await _api.ListAsync<LinodeInstance>(Path, "label", spec.Name, cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false),
        _log);

    private async Task<Func<string, string, decimal?>> ReadPricesAsync(CancellationToken cancellationToken)
    {
        var types = await _api.ListAsync<LinodeType>("linode/types", cancellationToken).ConfigureAwait(false);
        return (type, region) => types.FirstOrDefault(t => string.Equals(t.Id, type, StringComparison.Ordinal))?.HourlyIn(region);
    }

    private async Task<IReadOnlyList<Instance>> MapAsync(IEnumerable<LinodeInstance> linodes, CancellationToken cancellationToken)
    {
        var instances = new List<Instance>();
        foreach (var linode in linodes)
        {
            instances.Add(await MapAsync(linode, cancellationToken).ConfigureAwait(false));
        }

        return instances;
    }

    private async Task<Instance> MapAsync(LinodeInstance linode, CancellationToken cancellationToken)
    {
        var price = await _prices.ReadAsync(cancellationToken).ConfigureAwait(false);
        string? vpcAddress = null;
        if (_settings.Address == LinodeAddress.Vpc && !_vpcAddresses.TryGetValue(linode.Id, out vpcAddress))
        {
            // An address in a VPC stays for life, so each instance is asked once.
            var ips = await _api.FindAsync<LinodeIps>($"{Path}/{linode.Id}/ips", cancellationToken).ConfigureAwait(false);
            vpcAddress = ips?.Ipv4?.Vpc?.Select(v => v.Address).FirstOrDefault(a => a is not null);
            if (vpcAddress is not null)
            {
                _vpcAddresses[linode.Id] = vpcAddress;
            }
        }

        return LinodeInstances.Map(linode, vpcAddress, _settings.Address, price);
    }
}
