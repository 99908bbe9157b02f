namespace FjBellows.Providers.Linode;

/// <summary>A rule the operator adds to the managed firewall.</summary>
public sealed record LinodeFirewallRule
{
    /// <summary>Key <c>label</c>: 3 to 32 characters; it is shortened where a family and a number must be added.</summary>
    public required string Label { get; init; }

    /// <summary>Key <c>description</c>: 100 characters at most.</summary>
    public string Description { get; init; } = "";

    /// <summary>Key <c>action</c>.</summary>
    public LinodeFirewallAction Action { get; init; } = LinodeFirewallAction.Accept;

    /// <summary>Key <c>protocol</c>.</summary>
    public LinodeFirewallProtocol Protocol { get; init; } = LinodeFirewallProtocol.Tcp;

    /// <summary>Key <c>ports</c>: as Linode writes them, such as <c>22, 8000-8100</c>; empty for every port.</summary>
    public string Ports { get; init; } = "";

    /// <summary>Key <c>addresses</c>: networks, <c>auto</c>, <c>any</c>, <c>any-v4</c>, <c>any-v6</c>; both families may be
    /// mixed.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
}

/// <summary>What a firewall does with a packet.</summary>
public enum LinodeFirewallAction
{
    /// <summary>Lets it through.</summary>
    Accept,

    /// <summary>Throws it away.</summary>
    Drop,
}

/// <summary>The protocols Linode's firewall tells apart.</summary>
public enum LinodeFirewallProtocol
{
    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,

    /// <summary>ICMP.</summary>
    Icmp,

    /// <summary>IP in IP.</summary>
    IpEncap,
}
