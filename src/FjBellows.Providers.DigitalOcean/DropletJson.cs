using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace FjBellows.Providers.DigitalOcean;

/// <summary>The part of DigitalOcean's JSON that is read and written, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DropletFailure))]
[JsonSerializable(typeof(DropletCreate))]
[JsonSerializable(typeof(DropletAnswer))]
internal sealed partial class DropletJson : JsonSerializerContext;

internal sealed record DropletFailure(string? Id, string? Message);

internal sealed record DropletCreate(
    string Name,
    string? Region,
    string Size,
    JsonNode Image,
    IReadOnlyList<string> Tags,
    string? UserData,
    IReadOnlyList<JsonNode>? SshKeys,
    string? VpcUuid,
    bool Ipv6,
    bool PublicNetworking,
    bool WithDropletAgent);

/// <summary>Every answer that is read: each endpoint fills its own member.</summary>
internal sealed record DropletAnswer
{
    public Droplet? Droplet { get; init; }

    public IReadOnlyList<Droplet>? Droplets { get; init; }

    public IReadOnlyList<DropletSize>? Sizes { get; init; }

    public IReadOnlyList<DropletRegion>? Regions { get; init; }

    public DropletImage? Image { get; init; }

    public DropletAccount? Account { get; init; }

    public DropletLinks? Links { get; init; }

    public DropletMeta? Meta { get; init; }
}

internal sealed record DropletLinks(DropletPages? Pages);

internal sealed record DropletPages(string? Next);

internal sealed record DropletMeta(int? Total);

internal sealed record Droplet(
    long Id, string Name, string Status, DateTimeOffset CreatedAt, bool Locked, string? SizeSlug, DropletNetworks? Networks,
    DropletRegion? Region, IReadOnlyList<string>? Tags);

internal sealed record DropletNetworks(IReadOnlyList<DropletAddress>? V4, IReadOnlyList<DropletAddress>? V6);

internal sealed record DropletAddress(string? IpAddress, string? Type);

internal sealed record DropletRegion(string? Slug, bool? Available, IReadOnlyList<string>? Sizes);

internal sealed record DropletSize(string Slug, decimal? PriceHourly, bool? Available, IReadOnlyList<string>? Regions);

internal sealed record DropletImage(long Id, string? Slug, string? Name, string? Status);

internal sealed record DropletAccount(int? DropletLimit, string? Status, string? StatusMessage);
