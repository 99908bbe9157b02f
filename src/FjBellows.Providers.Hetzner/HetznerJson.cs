using System.Text.Json.Serialization;

namespace FjBellows.Providers.Hetzner;

/// <summary>The part of Hetzner's JSON that is read and written, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HetznerFailure))]
[JsonSerializable(typeof(HetznerCreate))]
[JsonSerializable(typeof(HetznerRebuild))]
[JsonSerializable(typeof(HetznerAnswer))]
[JsonSerializable(typeof(HetznerFirewallCreate))]
[JsonSerializable(typeof(HetznerRules))]
[JsonSerializable(typeof(HetznerApply))]
internal sealed partial class HetznerJson : JsonSerializerContext;

internal sealed record HetznerFailure(HetznerError? Error);

internal sealed record HetznerError(string? Code, string? Message);

internal sealed record HetznerCreate(
    string Name,
    string Location,
    string ServerType,
    string Image,
    IReadOnlyDictionary<string, string> Labels,
    HetznerPublicNetWanted PublicNet,
    string? UserData,
    IReadOnlyList<string>? SshKeys,
    IReadOnlyList<HetznerFirewallReference>? Firewalls,
    IReadOnlyList<long>? Networks,
    long? PlacementGroup);

internal sealed record HetznerPublicNetWanted(bool EnableIpv4, bool EnableIpv6);

internal sealed record HetznerFirewallReference(long Firewall);

internal sealed record HetznerRebuild(string Image, string? UserData);

internal sealed record HetznerFirewallCreate(
    string Name, IReadOnlyDictionary<string, string> Labels, IReadOnlyList<HetznerRule> Rules, IReadOnlyList<HetznerTarget> ApplyTo);

internal sealed record HetznerRules(IReadOnlyList<HetznerRule> Rules);

internal sealed record HetznerRule(string Direction, string Protocol, string? Port, IReadOnlyList<string>? SourceIps);

internal sealed record HetznerApply(
    [property: JsonPropertyName("remove_from")] IReadOnlyList<HetznerTarget> RemoveFrom);

internal sealed record HetznerTarget(string Type, HetznerSelector? LabelSelector);

internal sealed record HetznerSelector(string Selector);

/// <summary>Every answer that is read: each endpoint fills its own member.</summary>
internal sealed record HetznerAnswer
{
    public HetznerServer? Server { get; init; }

    public IReadOnlyList<HetznerServer>? Servers { get; init; }

    public HetznerAction? Action { get; init; }

    public IReadOnlyList<HetznerAction>? NextActions { get; init; }

    public IReadOnlyList<HetznerAction>? Actions { get; init; }

    public IReadOnlyList<HetznerType>? ServerTypes { get; init; }

    public IReadOnlyList<HetznerImage>? Images { get; init; }

    public IReadOnlyList<HetznerNamed>? Locations { get; init; }

    public IReadOnlyList<HetznerNamed>? SshKeys { get; init; }

    public HetznerFirewall? Firewall { get; init; }

    public IReadOnlyList<HetznerFirewall>? Firewalls { get; init; }

    public HetznerNamed? Network { get; init; }

    public HetznerNamed? PlacementGroup { get; init; }

    public HetznerPricing? Pricing { get; init; }

    public HetznerMeta? Meta { get; init; }
}

internal sealed record HetznerMeta(HetznerPagination? Pagination);

internal sealed record HetznerPagination(int? NextPage, int? TotalEntries);

internal sealed record HetznerServer(
    long Id,
    string Name,
    string Status,
    DateTimeOffset Created,
    HetznerPublicNet? PublicNet,
    IReadOnlyList<HetznerPrivateNet>? PrivateNet,
    HetznerNamed? ServerType,
    HetznerNamed? Location,
    IReadOnlyDictionary<string, string>? Labels,
    HetznerProtection? Protection);

internal sealed record HetznerPublicNet(HetznerIp? Ipv4, HetznerIp? Ipv6);

internal sealed record HetznerIp(string? Ip);

internal sealed record HetznerPrivateNet(long? Network, string? Ip);

internal sealed record HetznerNamed(long Id, string Name);

internal sealed record HetznerProtection(bool Delete, bool Rebuild);

internal sealed record HetznerAction(long Id, string Status, string? Command, HetznerError? Error);

internal sealed record HetznerType(
    long Id, string Name, string? Architecture, bool? Deprecated, IReadOnlyList<HetznerTypePrice>? Prices,
    IReadOnlyList<HetznerTypeLocation>? Locations);

internal sealed record HetznerTypeLocation(string? Name, bool? Available);

internal sealed record HetznerTypePrice(string? Location, HetznerAmount? PriceHourly);

internal sealed record HetznerAmount(string? Net);

internal sealed record HetznerImage(
    long Id, string? Name, string? Description, string? Status, string? Architecture, DateTimeOffset? Deprecated, DateTimeOffset Created);

internal sealed record HetznerFirewall(
    long Id, string Name, IReadOnlyDictionary<string, string>? Labels, IReadOnlyList<HetznerRule>? Rules,
    IReadOnlyList<HetznerTarget>? AppliedTo);

internal sealed record HetznerPricing(IReadOnlyList<HetznerIpPrices>? PrimaryIps);

internal sealed record HetznerIpPrices(string? Type, IReadOnlyList<HetznerTypePrice>? Prices);
