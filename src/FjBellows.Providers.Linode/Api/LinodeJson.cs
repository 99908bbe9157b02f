using System.Text.Json.Serialization;

namespace FjBellows.Providers.Linode.Api;

/// <summary>The part of Linode's JSON that is read and written, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LinodeErrors))]
[JsonSerializable(typeof(LinodeEmpty))]
[JsonSerializable(typeof(LinodeCreate))]
[JsonSerializable(typeof(LinodeInstance))]
[JsonSerializable(typeof(LinodePage<LinodeInstance>))]
[JsonSerializable(typeof(LinodeIps))]
[JsonSerializable(typeof(LinodePage<LinodeType>))]
[JsonSerializable(typeof(LinodeType))]
[JsonSerializable(typeof(LinodeRegion))]
[JsonSerializable(typeof(LinodeAvailability[]))]
[JsonSerializable(typeof(LinodeImage))]
[JsonSerializable(typeof(LinodeProfile))]
[JsonSerializable(typeof(LinodeGrants))]
[JsonSerializable(typeof(LinodeFirewall))]
[JsonSerializable(typeof(LinodePage<LinodeFirewall>))]
[JsonSerializable(typeof(LinodeFirewallCreate))]
[JsonSerializable(typeof(LinodePage<LinodeFirewallDevice>))]
[JsonSerializable(typeof(LinodeGroup))]
[JsonSerializable(typeof(LinodePage<LinodeGroup>))]
[JsonSerializable(typeof(LinodeGroupCreate))]
[JsonSerializable(typeof(LinodeVpc))]
[JsonSerializable(typeof(LinodePage<LinodeVpc>))]
[JsonSerializable(typeof(LinodeVpcCreate))]
[JsonSerializable(typeof(LinodeSubnet))]
internal sealed partial class LinodeJson : JsonSerializerContext;

internal sealed record LinodeErrors(IReadOnlyList<LinodeError>? Errors);

internal sealed record LinodeError(string Reason, string? Field = null);

internal sealed record LinodeEmpty;

internal sealed record LinodePage<T>(IReadOnlyList<T> Data, int Page, int Pages, int Results);

internal sealed record LinodeCreate(
    string Region,
    string Type,
    string Label,
    string Image,
    string RootPass,
    IReadOnlyList<string> AuthorizedKeys,
    IReadOnlyList<string> Tags,
    LinodeMetadata? Metadata,
    long? FirewallId,
    LinodeGroupReference? PlacementGroup,
    IReadOnlyList<LinodeInterface>? Interfaces,
    string? InterfaceGeneration);

internal sealed record LinodeMetadata(string UserData);

internal sealed record LinodeGroupReference(long Id);

internal sealed record LinodeInterface(string Purpose, long SubnetId, bool Primary, LinodeInterfaceIpv4 Ipv4);

internal sealed record LinodeInterfaceIpv4([property: JsonPropertyName("nat_1_1")] string Nat);

internal sealed record LinodeInstance(
    long Id,
    string Label,
    string Status,
    string Created,
    string Region,
    string Type,
    IReadOnlyList<string>? Ipv4,
    string? Ipv6,
    IReadOnlyList<string>? Tags,
    IReadOnlyList<string>? Locks);

internal sealed record LinodeIps(LinodeIpv4? Ipv4);

internal sealed record LinodeIpv4(IReadOnlyList<LinodeVpcIp>? Vpc);

internal sealed record LinodeVpcIp(string? Address);

internal sealed record LinodeType(string Id, string? Label, LinodePrice? Price, IReadOnlyList<LinodeRegionPrice>? RegionPrices)
{
    /// <summary>A region with a price of its own names it; any other pays the plan's.</summary>
    public decimal? HourlyIn(string region) =>
        RegionPrices?.FirstOrDefault(p => string.Equals(p.Id, region, StringComparison.Ordinal))?.Hourly ?? Price?.Hourly;
}

internal sealed record LinodePrice(decimal? Hourly, decimal? Monthly);

internal sealed record LinodeRegionPrice(string Id, decimal? Hourly, decimal? Monthly);

internal sealed record LinodeRegion(string Id, string? Label, IReadOnlyList<string>? Capabilities, string? Status);

internal sealed record LinodeAvailability(string Plan, string Region, bool Available);

internal sealed record LinodeImage(string Id, string? Label, IReadOnlyList<string>? Capabilities, bool? Deprecated, string? Status);

internal sealed record LinodeProfile(string Username, bool Restricted);

internal sealed record LinodeGrants(LinodeGlobalGrants? Global);

internal sealed record LinodeGlobalGrants(bool? AddLinodes, bool? AddFirewalls, bool? AddPlacementGroups, bool? AddVpcs);
