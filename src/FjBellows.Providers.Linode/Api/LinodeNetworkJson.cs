namespace FjBellows.Providers.Linode.Api;

internal sealed record LinodeFirewall(long Id, string Label, string? Status, IReadOnlyList<string>? Tags, LinodeRules Rules);

internal sealed record LinodeFirewallCreate(string Label, IReadOnlyList<string> Tags, LinodeRules Rules);

internal sealed record LinodeRules(
    string InboundPolicy, string OutboundPolicy, IReadOnlyList<LinodeRule>? Inbound, IReadOnlyList<LinodeRule>? Outbound)
{
    /// <summary>True when both let the same traffic through by the same rules; labels, descriptions and Linode's own fields do not
    /// matter.</summary>
    public bool Means(LinodeRules other) =>
        InboundPolicy == other.InboundPolicy && OutboundPolicy == other.OutboundPolicy
        && Same(Inbound, other.Inbound) && Same(Outbound, other.Outbound);

    private static bool Same(IReadOnlyList<LinodeRule>? left, IReadOnlyList<LinodeRule>? right) =>
        (left ?? []).Select(r => r.Meaning()).SequenceEqual((right ?? []).Select(r => r.Meaning()), StringComparer.Ordinal);
}

internal sealed record LinodeRule(
    string Action, string Protocol, string? Ports, LinodeAddresses Addresses, string? Label, string? Description)
{
    public string Meaning() =>
        $"{Action} {Protocol} [{Ports?.Replace(" ", "", StringComparison.Ordinal)}] {Sorted(Addresses.Ipv4)} {Sorted(Addresses.Ipv6)}";

    private static string Sorted(IReadOnlyList<string>? addresses) =>
        string.Join(',', (addresses ?? []).Order(StringComparer.OrdinalIgnoreCase));
}

internal sealed record LinodeAddresses(IReadOnlyList<string>? Ipv4, IReadOnlyList<string>? Ipv6);

internal sealed record LinodeFirewallDevice(long Id);

internal sealed record LinodeGroup(
    long Id, string Label, string Region, string PlacementGroupPolicy, IReadOnlyList<LinodeGroupMember>? Members);

internal sealed record LinodeGroupMember(long LinodeId);

internal sealed record LinodeGroupCreate(string Label, string Region, string PlacementGroupType, string PlacementGroupPolicy);

internal sealed record LinodeVpc(long Id, string Label, string Region, string? Description, IReadOnlyList<LinodeSubnet>? Subnets);

internal sealed record LinodeVpcCreate(string Label, string Region, string Description, IReadOnlyList<LinodeSubnet> Subnets);

internal sealed record LinodeSubnet(string Label, string Ipv4, long? Id = null, IReadOnlyList<LinodeSubnetMember>? Linodes = null);

internal sealed record LinodeSubnetMember(long Id);
