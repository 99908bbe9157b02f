using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode;

/// <summary>The block <c>firewall</c>: one firewall for the pool's workers, opened only for SSH from the daemon and what the operator
/// adds.</summary>
public sealed record LinodeFirewallSettings
{
    /// <summary>Key <c>allow_inbound</c>: who may reach SSH: networks in CIDR form, <c>auto</c> (the host's own addresses), <c>any</c>,
    /// <c>any-v4</c>, <c>any-v6</c>.</summary>
    public IReadOnlyList<string> AllowInbound { get; init; } = [];

    /// <summary>Key <c>refresh_interval</c>: how often <c>auto</c> is looked up again; one minute at least.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Key <c>inbound_policy</c>: what happens to inbound traffic that no rule names.</summary>
    public LinodeFirewallAction InboundPolicy { get; init; } = LinodeFirewallAction.Drop;

    /// <summary>Key <c>outbound_policy</c>: what happens to outbound traffic that no rule names.</summary>
    public LinodeFirewallAction OutboundPolicy { get; init; } = LinodeFirewallAction.Accept;

    /// <summary>Key <c>extra_inbound</c>: rules after those for SSH.</summary>
    public IReadOnlyList<LinodeFirewallRule> ExtraInbound { get; init; } = [];

    /// <summary>Key <c>extra_outbound</c>: rules for what leaves the workers.</summary>
    public IReadOnlyList<LinodeFirewallRule> ExtraOutbound { get; init; } = [];

    /// <summary>Key <c>address_services</c>: URLs that answer with the caller's address as plain text.</summary>
    public IReadOnlyList<Uri> AddressServices { get; init; } = HostAddress.DefaultServices;

    internal bool FollowsHost =>
        AllowInbound.Contains(FirewallSource.Auto)
            || ExtraInbound.Concat(ExtraOutbound).Any(r => r.Addresses.Contains(FirewallSource.Auto));

    internal void Check(SettingChecks checks)
    {
        checks.Sources("firewall.allow_inbound", AllowInbound, "so no worker could be reached; write the daemon's network, or auto");
        checks.Firewall(RefreshInterval, FollowsHost, AddressServices);
        Check(checks, "firewall.extra_inbound", ExtraInbound);
        Check(checks, "firewall.extra_outbound", ExtraOutbound);
    }

    private static void Check(SettingChecks checks, string key, IReadOnlyList<LinodeFirewallRule> rules)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var (rule, at) = (rules[i], $"{key}[{i}]");
            checks.If(rule.Label.Length is < 3 or > 32, $"{at}.label", $"'{rule.Label}' must have 3 to 32 characters");
            checks.If(rule.Description.Length > 100, $"{at}.description", "must have 100 characters at most");
            checks.If(
                rule.Ports.Length > 0 && rule.Protocol is not (LinodeFirewallProtocol.Tcp or LinodeFirewallProtocol.Udp), $"{at}.ports",
                $"has no meaning for {rule.Protocol}; leave it out");
            checks.Sources($"{at}.addresses", rule.Addresses, "so the rule would match nothing; write any for everyone");
        }
    }
}
