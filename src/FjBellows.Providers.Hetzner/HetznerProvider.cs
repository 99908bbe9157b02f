using System.Globalization;
using FjBellows.Billing;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Providers.Hetzner;

/// <summary>Hetzner Cloud as a source of workers. One provider serves one pool; pools that share a token share a
/// <see cref="HetznerBudget"/>.</summary>
public sealed class HetznerProvider : ICloudProvider, IInstanceRebuild, IDisposable
{
    /// <summary>The name as configuration writes it.</summary>
    public const string ProviderName = "hetzner";

    /// <summary>What Hetzner's metadata service carries, known without an account.</summary>
    public static ProviderCapabilities Carries { get; } = new(MaxUserDataBytes: 32 * 1024, AcceptsGzip: false);

    private const string Path = "servers";

    private readonly HetznerSettings _settings;
    private readonly ILogger _log;
    private readonly HetznerApi _api;
    private readonly HostAddress? _host;
    private readonly PriceBook _prices;

    /// <summary>A provider for one pool.</summary>
    /// <param name="settings">Settings without <see cref="HetznerSettings.Problems"/>.</param>
    /// <param name="budget">The token's budget; one of its own when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="log">Where it says what it did beside what was asked.</param>
    /// <param name="handler">Another way to the cloud, in tests.</param>
    /// <exception cref="ArgumentException">The settings have problems.</exception>
    public HetznerProvider(
        HetznerSettings settings, HetznerBudget? budget = null, TimeProvider? time = null, ILogger<HetznerProvider>? log = null,
        HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        SettingChecks.Demand(settings.Problems());
        var clock = time ?? TimeProvider.System;
        var requests = budget ?? new HetznerBudget(clock);
        _settings = settings;
        _log = log ?? NullLogger<HetznerProvider>.Instance;
        _api = new HetznerApi(settings, requests, clock, handler);
        _prices = new PriceBook(ReadPricesAsync, clock, _log);
        _host = settings.Firewall is { } firewall ? new HostAddress(firewall.AddressServices, null, _log) : null;
        Parts = new CloudParts
        {
            Account = new HetznerCheck(_api, settings),
            Budget = requests,
            Time = _api.CloudTime,
            Rebuild = this,
            Network = settings.Firewall is { } kept ? new HetznerFirewallKeeper(_api, kept, settings.SshPort, _host!, _log) : null,
        };
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
    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var userData = UserDataOf(spec);
        var image = await ImageAsync(cancellationToken).ConfigureAwait(false);
        return await Choices.FirstWithRoomAsync(
            "Hetzner",
            _settings.Placements,
            spec,
            placement => Adoption.CreateAsync(
                spec,
                () => CreateInAsync(placement, spec, image, userData, cancellationToken),
                () => ListAsync($"name={Uri.EscapeDataString(spec.Name)}", cancellationToken),
                _log),
            _log).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        var listed = await ListAsync(
            $"label_selector={Uri.EscapeDataString($"{Marks.TagKey}=={ownership.Tag}")}", cancellationToken).ConfigureAwait(false);
        return [.. listed.Where(i => i.Tags.Contains(ownership.Tag, StringComparer.Ordinal))];
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken).ConfigureAwait(false) is { } server
            ? await MapAsync(server, cancellationToken).ConfigureAwait(false)
            : null;

    /// <inheritdoc />
    public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        var server = await FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (server is null || server.Status == "deleting")
        {
            return;
        }

        RestInstances.DemandName("server", server.Id, server.Name, name);
        if (server.Protection?.Delete == true)
        {
            throw new CloudException(
                CloudErrorKind.Conflict,
                $"server {name} ({id}) is protected against deletion and stays billed; take the protection off, the deletion is " +
                $"tried again");
        }

        await _api.DeleteAsync(PathOf(id), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<Instance> RebuildAsync(InstanceId id, InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var server = await FindAsync(id, cancellationToken).ConfigureAwait(false)
            ?? throw new CloudException(
                CloudErrorKind.NotFound, $"server {spec.Name} ({id}) does not exist any more and cannot be rebuilt");
        RestInstances.DemandName("server", server.Id, server.Name, spec.Name);
        var image = await ImageAsync(cancellationToken).ConfigureAwait(false);
        var rebuilt = await _api.PostAsync(
            $"{PathOf(id)}/actions/rebuild", new HetznerRebuild(image, UserDataOf(spec)), cancellationToken).ConfigureAwait(false);
        await _api.SettleAsync(rebuilt.Action, cancellationToken).ConfigureAwait(false);
        return await GetAsync(id, cancellationToken).ConfigureAwait(false)
            ?? throw new CloudException(CloudErrorKind.Transient, $"server {spec.Name} ({id}) is absent after its rebuild");
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _prices.Dispose();
        _host?.Dispose();
        _api.Dispose();
    }

    private static string PathOf(InstanceId id) => RestInstances.PathOf(Path, id, "Hetzner server");

    private static string? UserDataOf(InstanceSpec spec) => RestInstances.UserDataOf(spec, "Hetzner", Carries.MaxUserDataBytes);

    private async Task<Instance> CreateInAsync(
        HetznerPlacement placement, InstanceSpec spec, string image, string? userData, CancellationToken cancellationToken)
    {
        var body = new HetznerCreate(
            spec.Name,
            placement.Location,
            placement.Type,
            image,
            Marks.ToLabels(spec.Ownership),
            new HetznerPublicNetWanted(_settings.Ipv4, EnableIpv6: true),
            userData,
            _settings.SshKeys.Count > 0 ? _settings.SshKeys : null,
            _settings.FirewallId is { } firewall ? [new HetznerFirewallReference(firewall)] : null,
            _settings.NetworkId is { } network ? [network] : null,
            _settings.PlacementGroupId);
        HetznerAnswer created;
        try
        {
            created = await _api.PostAsync(Path, body, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig, $"{e.Message}; correct the image, type, location or ids in provider_config", e.RetryAfter, e);
        }

        var server = created.Server
            ?? throw new CloudException(CloudErrorKind.Transient, $"Hetzner accepted {spec.Name} without naming the server");
        try
        {
            await _api.SettleAsync(created.Action, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (!e.MayHaveTakenEffect)
        {
            // The server exists, counts against the limit and is billed, although it will never run.
            await _api.DeleteAsync($"{Path}/{server.Id}", cancellationToken).ConfigureAwait(false);
            throw;
        }

        return await MapAsync(server, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The image's name or id; for labels, the id of the newest that carries them.</summary>
    private async Task<string> ImageAsync(CancellationToken cancellationToken)
    {
        if (!_settings.Image.StartsWith(HetznerSettings.ImageByLabel, StringComparison.Ordinal))
        {
            return _settings.Image;
        }

        var newest = await HetznerCheck.NewestAsync(_api, _settings.Image, cancellationToken).ConfigureAwait(false)
            ?? throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"no available image is selected by '{_settings.Image}'; make a snapshot with these labels, or correct " +
                $"provider_config.image");
        return newest.Id.ToString(CultureInfo.InvariantCulture);
    }

    private async Task<HetznerServer?> FindAsync(InstanceId id, CancellationToken cancellationToken) =>
        await _api.FindAsync(PathOf(id), cancellationToken).ConfigureAwait(false) is { } found
            ? found.Server ?? throw new CloudException(CloudErrorKind.Transient, $"GET {PathOf(id)}: the answer holds no server")
            : null;

    private async Task<IReadOnlyList<Instance>> ListAsync(string query, CancellationToken cancellationToken)
    {
        var servers = await _api.ListAsync($"{Path}?{query}", a => a.Servers, s => s.Id, cancellationToken).ConfigureAwait(false);
        var price = await _prices.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. servers.Select(s => HetznerServers.Map(s, _settings, price))];
    }

    private async Task<Instance> MapAsync(HetznerServer server, CancellationToken cancellationToken) =>
        HetznerServers.Map(server, _settings, await _prices.ReadAsync(cancellationToken).ConfigureAwait(false));

    /// <summary>The price of an hour: the server's line and, where it has one, its IPv4 address's.</summary>
    private async Task<Func<string, string, decimal?>> ReadPricesAsync(CancellationToken cancellationToken)
    {
        var types = await _api.ListAsync("server_types", a => a.ServerTypes, t => t.Id, cancellationToken).ConfigureAwait(false);
        var addresses = _settings.Ipv4
            ? (await _api.GetAsync("pricing", cancellationToken).ConfigureAwait(false)).Pricing?.PrimaryIps
            : null;
        return (type, location) =>
            HetznerCheck.Hourly(types.FirstOrDefault(t => t.Name == type)?.Prices, location)
            + (_settings.Ipv4 ? HetznerCheck.Hourly(addresses?.FirstOrDefault(a => a.Type == "ipv4")?.Prices, location) ?? 0 : 0);
    }
}
