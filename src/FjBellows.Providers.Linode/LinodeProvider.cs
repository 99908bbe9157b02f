using System.Collections.Concurrent;
using System.Globalization;
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
public sealed class LinodeProvider : ICloudProvider, IManagedNetwork, IAccountCheck, IRequestBudget, IDisposable
{
    /// <summary>Linode's documentation gives two limits that contradict each other; this is the smaller.</summary>
    public const int MaxUserDataBytes = 16 * 1024;

    /// <summary>What Linode's metadata service carries, known without an account.</summary>
    public static ProviderCapabilities Carries { get; } = new(MaxUserDataBytes, AcceptsGzip: true);

    private const string Path = "linode/instances";
    private const string PasswordAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_";

    private readonly LinodeSettings _settings;
    private readonly ILogger _log;
    private readonly LinodeBudget _budget;
    private readonly LinodeApi _api;
    private readonly LinodeNetwork _network;
    private readonly PriceBook _prices;
    private readonly ConcurrentDictionary<long, string> _vpcAddresses = [];

    /// <summary>A provider for one pool.</summary>
    /// <param name="settings">Settings without <see cref="LinodeSettings.Problems"/>.</param>
    /// <param name="budget">The token's budget; one of its own when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="log">Where it says what it did beside what was asked.</param>
    /// <exception cref="ArgumentException">The settings have problems.</exception>
    public LinodeProvider(
        LinodeSettings settings, LinodeBudget? budget = null, TimeProvider? time = null, ILogger<LinodeProvider>? log = null)
        : this(settings, budget, time, log, null)
    {
    }

    internal LinodeProvider(LinodeSettings settings, LinodeBudget? budget, TimeProvider? time, ILogger? log, HttpMessageHandler? handler)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Problems() is { Count: > 0 } problems)
        {
            throw new ArgumentException(string.Join("; ", problems), nameof(settings));
        }

        _settings = settings;
        _log = log ?? NullLogger.Instance;
        var clock = time ?? TimeProvider.System;
        _budget = budget ?? new LinodeBudget(clock);
        _api = new LinodeApi(settings, _budget, clock, handler);
        _network = new LinodeNetwork(_api, settings, null, _log);
        _prices = new PriceBook(ReadPricesAsync, clock, _log);
    }

    /// <inheritdoc />
    public string Name => "linode";

    /// <inheritdoc />
    public BillingModel Billing => BillingModel.Hourly;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities => Carries;

    /// <inheritdoc />
    public CloudParts Parts => new() { Network = this, Account = this, Budget = this };

    /// <inheritdoc />
    public IReadOnlyList<RequestsLeft> Left => _budget.Left;

    /// <inheritdoc />
    public TimeSpan? RefreshInterval => _network.RefreshInterval;

    /// <inheritdoc />
    public Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken) => _network.EnsureAsync(ownership, cancellationToken);

    /// <inheritdoc />
    public Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken) =>
        _network.ReleaseAsync(ownership, cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<AccountFinding>> CheckAsync(CancellationToken cancellationToken) =>
        new LinodeCheck(_api, _settings).RunAsync(cancellationToken);

    /// <inheritdoc />
    public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var metadata = Encode(spec);
        return Choices.FirstWithRoomAsync(
            "Linode", _settings.Placements, spec, placement => CreateInAsync(placement, spec, metadata, cancellationToken), _log);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        var listed = await _api.ListAsync(
            Path, "tags", ownership.Tag, LinodeJson.Default.LinodePageLinodeInstance, cancellationToken).ConfigureAwait(false);
        var tagged = listed.Where(l => l.Tags?.Contains(ownership.Tag, StringComparer.Ordinal) ?? false).DistinctBy(l => l.Id).ToList();
        var instances = await MapAsync(tagged, cancellationToken).ConfigureAwait(false);
        foreach (var id in _vpcAddresses.Keys.Except(tagged.Select(l => l.Id)).ToList())
        {
            _vpcAddresses.TryRemove(id, out _);
        }

        return instances;
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken)
    {
        var linode = await _api.FindAsync(PathOf(id), LinodeJson.Default.LinodeInstance, cancellationToken).ConfigureAwait(false);
        return linode is null ? null : await MapAsync(linode, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        var linode = await _api.FindAsync(PathOf(id), LinodeJson.Default.LinodeInstance, cancellationToken).ConfigureAwait(false);
        if (linode is null || linode.Status == "deleting")
        {
            return;
        }

        if (!string.Equals(linode.Label, name, StringComparison.Ordinal))
        {
            throw new CloudException(
                CloudErrorKind.Conflict,
                $"Linode {id} is called {linode.Label} and not {name}: somebody renamed it, so it is not deleted; rename it back, or " +
                $"delete it yourself");
        }

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

    private static string PathOf(InstanceId id) =>
        long.TryParse(id.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? $"{Path}/{number}"
            : throw new CloudException(CloudErrorKind.InvalidConfig, $"'{id}' is no id of a Linode");

    private static LinodeMetadata? Encode(InstanceSpec spec)
    {
        var bytes = Encoding.UTF8.GetBytes(spec.UserData.Reveal());
        return bytes.Length switch
        {
            0 => null,
            > MaxUserDataBytes => throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"the first-boot document of {spec.Name} has {bytes.Length} bytes, but Linode takes {MaxUserDataBytes}; shorten what " +
                $"bootstrap adds to it"),
            _ => new LinodeMetadata(Convert.ToBase64String(bytes)),
        };
    }

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
        var body = Body(placement, spec, metadata, lease);
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

    private LinodeCreate Body(LinodePlacement placement, InstanceSpec spec, LinodeMetadata? metadata, NetworkLease lease) => new(
        placement.Region,
        placement.Type,
        spec.Name,
        _settings.Image,
        // Nobody will ever know it: workers are entered by key. Linode asks for one of mixed characters all the same.
        RandomNumberGenerator.GetString(PasswordAlphabet, 40) + "aA1-",
        [.. spec.AuthorizedKeys.Select(k => k.Trim())],
        [spec.Ownership.Tag, spec.Ownership.Owner, .. spec.Marks],
        metadata,
        lease.FirewallId,
        lease.GroupId is { } group ? new LinodeGroupReference(group) : null,
        lease.SubnetId is { } subnet ? [new LinodeInterface("vpc", subnet, Primary: true, new LinodeInterfaceIpv4("any"))] : null,
        // An account may default to the newer kind of interface, which takes its firewall and VPC in another place of the request.
        lease.FirewallId is not null || lease.SubnetId is not null ? "legacy_config" : null);

    /// <summary>Labels are unique in an account, so the label settles whether a create took effect.</summary>
    private Task<Instance> BuyAsync(InstanceSpec spec, LinodeCreate body, CancellationToken cancellationToken) => Adoption.CreateAsync(
        spec,
        async () => await MapAsync(
            await _api.CreateInstanceAsync(body, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false),
        async () => await MapAsync(
            await _api.ListAsync(
                Path, "label", spec.Name, LinodeJson.Default.LinodePageLinodeInstance, cancellationToken).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false),
        _log);

    private async Task<Func<string, string, decimal?>> ReadPricesAsync(CancellationToken cancellationToken)
    {
        var types = await _api.ListAsync(
            "linode/types", null, null, LinodeJson.Default.LinodePageLinodeType, cancellationToken).ConfigureAwait(false);
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
            var ips = await _api.FindAsync(
                $"{Path}/{linode.Id}/ips", LinodeJson.Default.LinodeIps, cancellationToken).ConfigureAwait(false);
            vpcAddress = ips?.Ipv4?.Vpc?.Select(v => v.Address).FirstOrDefault(a => a is not null);
            if (vpcAddress is not null)
            {
                _vpcAddresses[linode.Id] = vpcAddress;
            }
        }

        return LinodeInstances.Map(linode, vpcAddress, _settings.Address, price);
    }
}
