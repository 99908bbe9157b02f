using System.Globalization;
using System.Text.Json.Nodes;
using FjBellows.Billing;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Providers.DigitalOcean;

/// <summary>DigitalOcean as a source of workers. Names repeat and nothing makes a create idempotent there, so the name is looked up before
/// each create.</summary>
public sealed class DropletProvider : ICloudProvider, IDisposable
{
    /// <summary>The name as configuration writes it.</summary>
    public const string ProviderName = "digitalocean";

    private const string Path = "droplets";

    /// <summary>Tags are attached after a droplet was created; one without any that is younger than this may still become ours.</summary>
    private static readonly TimeSpan TaggingTime = TimeSpan.FromMinutes(5);

    private readonly DropletSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly DropletApi _api;
    private readonly PriceBook _prices;

    /// <summary>A provider for one pool.</summary>
    /// <param name="settings">Settings without <see cref="DropletSettings.Problems"/>.</param>
    /// <param name="budget">The token's budget; one of its own when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="log">Where it says what it did beside what was asked.</param>
    /// <param name="handler">Another way to the cloud, in tests.</param>
    /// <exception cref="ArgumentException">The settings have problems.</exception>
    public DropletProvider(
        DropletSettings settings, DropletBudget? budget = null, TimeProvider? time = null, ILogger<DropletProvider>? log = null,
        HttpMessageHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        SettingChecks.Demand(settings.Problems());
        _settings = settings;
        _time = time ?? TimeProvider.System;
        _log = log ?? NullLogger<DropletProvider>.Instance;
        var requests = budget ?? new DropletBudget(_time);
        _api = new DropletApi(settings, requests, _time, handler);
        _prices = new PriceBook(ReadPricesAsync, _time, _log);
        Parts = new CloudParts { Account = new DropletCheck(_api, settings), Budget = requests, Time = _api.CloudTime };
    }

    /// <summary>By the second since January 2026, with a minute and a cent at least; a droplet that is off is billed too.</summary>
    public static BillingModel BillsBy { get; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), 0.01m, BilledWhileOff: true);

    /// <summary>What DigitalOcean's metadata service carries, known without an account.</summary>
    public static ProviderCapabilities Carries { get; } = new(MaxUserDataBytes: 64 * 1024, AcceptsGzip: false);

    /// <inheritdoc />
    public string Name => ProviderName;

    /// <inheritdoc />
    public BillingModel Billing => BillsBy;

    /// <inheritdoc />
    public ProviderCapabilities Capabilities => Carries;

    /// <inheritdoc />
    public CloudParts Parts { get; }

    /// <inheritdoc />
    public async Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var text = RestInstances.UserDataOf(spec, "DigitalOcean", Carries.MaxUserDataBytes);
        return await Adoption.FindAsync(spec, () => NamedAsync(spec, cancellationToken)).ConfigureAwait(false)
            ?? await Choices.FirstWithRoomAsync(
                "DigitalOcean",
                _settings.Placements,
                spec,
                placement => Adoption.CreateAsync(
                    spec, () => CreateInAsync(placement, spec, text, cancellationToken), () => NamedAsync(spec, cancellationToken), _log),
                _log).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ownership);
        // A plain list leaves droplets with GPUs out, and their list takes no other filter.
        var tagged = await ListAsync($"tag_name={Uri.EscapeDataString(ownership.Tag)}", cancellationToken).ConfigureAwait(false);
        var gpus = await ListAsync("type=gpus", cancellationToken).ConfigureAwait(false);
        return [.. tagged.Concat(gpus).Where(i => i.Tags.Contains(ownership.Tag, StringComparer.Ordinal)).DistinctBy(i => i.Id)];
    }

    /// <inheritdoc />
    public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken).ConfigureAwait(false) is { } droplet
            ? await MapAsync(droplet, cancellationToken).ConfigureAwait(false)
            : null;

    /// <inheritdoc />
    public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } droplet)
        {
            return;
        }

        RestInstances.DemandName("droplet", droplet.Id, droplet.Name, name);
        await _api.DeleteAsync(PathOf(id), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _prices.Dispose();
        _api.Dispose();
    }

    private static string PathOf(InstanceId id) => RestInstances.PathOf(Path, id, "droplet");

    /// <summary>DigitalOcean takes ids as numbers, slugs and fingerprints as texts.</summary>
    private static JsonNode Reference(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : text;

    private async Task<Instance> CreateInAsync(
        DropletPlacement placement, InstanceSpec spec, string? userData, CancellationToken cancellationToken)
    {
        var body = new DropletCreate(
            spec.Name,
            placement.Region.Length > 0 ? placement.Region : null,
            placement.Size,
            Reference(_settings.Image),
            [spec.Ownership.Tag, spec.Ownership.Owner],
            userData,
            _settings.SshKeys.Count > 0 ? [.. _settings.SshKeys.Select(Reference)] : null,
            _settings.VpcUuid,
            Ipv6: _settings.PublicNetwork,
            _settings.PublicNetwork,
            WithDropletAgent: false);
        DropletAnswer created;
        try
        {
            created = await _api.PostAsync(Path, body, cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind == CloudErrorKind.NotFound)
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig, $"{e.Message}; correct the image, size, region or keys in provider_config", e.RetryAfter, e);
        }

        var droplet = created.Droplet
            ?? throw new CloudException(CloudErrorKind.Transient, $"DigitalOcean accepted {spec.Name} without naming the droplet");
        // The tags of the request are on their way to it.
        return await MapAsync(droplet with { Tags = body.Tags }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Every droplet of a name. One that is so young that its tags may still be missing is neither ours nor somebody else's
    /// yet.</summary>
    private async Task<IReadOnlyList<Instance>> NamedAsync(InstanceSpec spec, CancellationToken cancellationToken)
    {
        var named = await ListAsync($"name={Uri.EscapeDataString(spec.Name)}", cancellationToken).ConfigureAwait(false);
        return named
            .FirstOrDefault(i => i.Name == spec.Name && i.Tags.Count == 0 && _time.GetUtcNow() - i.CreatedAt < TaggingTime) is { } young
                && !named.Any(spec.Ownership.Owns)
            ? throw new CloudException(
                CloudErrorKind.Transient, $"droplet {young.Id} is named {spec.Name} and has no tags yet; it is looked up again",
                mayHaveTakenEffect: true)
            : named;
    }

    private async Task<Droplet?> FindAsync(InstanceId id, CancellationToken cancellationToken) =>
        await _api.FindAsync(PathOf(id), cancellationToken).ConfigureAwait(false) is { } found
            ? found.Droplet ?? throw new CloudException(CloudErrorKind.Transient, $"GET {PathOf(id)}: the answer holds no droplet")
            : null;

    private async Task<IReadOnlyList<Instance>> ListAsync(string query, CancellationToken cancellationToken)
    {
        var droplets = await _api.ListAsync($"{Path}?{query}", a => a.Droplets, d => d.Id, cancellationToken).ConfigureAwait(false);
        var price = await _prices.ReadAsync(cancellationToken).ConfigureAwait(false);
        return [.. droplets.Select(d => Map(d, price))];
    }

    private async Task<Instance> MapAsync(Droplet droplet, CancellationToken cancellationToken) =>
        Map(droplet, await _prices.ReadAsync(cancellationToken).ConfigureAwait(false));

    private Instance Map(Droplet droplet, Func<string, string, decimal?> price) => new(
        new InstanceId(droplet.Id.ToString(CultureInfo.InvariantCulture)),
        droplet.Name,
        droplet.Status switch
        {
            "new" => InstanceStatus.Starting,
            "active" => InstanceStatus.Running,
            "off" or "archive" => InstanceStatus.Stopped,
            _ => InstanceStatus.Unknown,
        },
        droplet.CreatedAt.ToUniversalTime(),
        [.. (droplet.Networks?.V4 ?? []).Concat(_settings.UsesPrivateAddress ? [] : droplet.Networks?.V6 ?? [])
            .Where(a => a.Type == (_settings.UsesPrivateAddress ? "private" : "public")).Select(a => a.IpAddress).OfType<string>()],
        droplet.Tags ?? [],
        $"{droplet.Region?.Slug}/{droplet.SizeSlug}",
        price(droplet.SizeSlug ?? "", ""));

    private async Task<Func<string, string, decimal?>> ReadPricesAsync(CancellationToken cancellationToken)
    {
        var sizes = await _api.ListAsync("sizes", a => a.Sizes, s => s.Slug, cancellationToken).ConfigureAwait(false);
        return (size, _) => sizes.FirstOrDefault(s => s.Slug == size)?.PriceHourly;
    }
}
