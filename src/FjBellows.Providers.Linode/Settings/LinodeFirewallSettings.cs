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

    internal IEnumerable<SettingProblem> Problems()
    {
        if (AllowInbound.Count == 0)
        {
            yield return new("firewall.allow_inbound", "is empty, so no worker could be reached; write the daemon's network, or auto");
        }

        foreach (var problem in SourceProblems("firewall.allow_inbound", AllowInbound))
        {
            yield return problem;
        }

        if (RefreshInterval < TimeSpan.FromMinutes(1))
        {
            yield return new("firewall.refresh_interval", "must be 1m at least");
        }

        if (FollowsHost && AddressServices.Count == 0)
        {
            yield return new("firewall.address_services", "is empty, but auto needs at least one");
        }

        foreach (var problem in RuleProblems("firewall.extra_inbound", ExtraInbound)
            .Concat(RuleProblems("firewall.extra_outbound", ExtraOutbound)))
        {
            yield return problem;
        }
    }

    private static IEnumerable<SettingProblem> RuleProblems(string key, IReadOnlyList<LinodeFirewallRule> rules)
    {
        for (var i = 0; i < rules.Count; i++)
        {
            var at = $"{key}[{i}]";
            if (rules[i].Label.Length is < 3 or > 32)
            {
                yield return new($"{at}.label", $"'{rules[i].Label}' must have 3 to 32 characters");
            }

            if (rules[i].Description.Length > 100)
            {
                yield return new($"{at}.description", "must have 100 characters at most");
            }

            var portless = rules[i].Protocol is LinodeFirewallProtocol.Icmp or LinodeFirewallProtocol.IpEncap;
            if (portless && rules[i].Ports.Length > 0)
            {
                yield return new($"{at}.ports", $"has no meaning for {rules[i].Protocol}; leave it out");
            }

            if (rules[i].Addresses.Count == 0)
            {
                yield return new($"{at}.addresses", "is empty, so the rule would match nothing; write any for everyone");
            }

            foreach (var problem in SourceProblems($"{at}.addresses", rules[i].Addresses))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<SettingProblem> SourceProblems(string key, IReadOnlyList<string> sources)
    {
        for (var i = 0; i < sources.Count; i++)
        {
            if (!FirewallSource.IsValid(sources[i]))
            {
                yield return new(
                    $"{key}[{i}]", $"'{sources[i]}' is neither a network such as 203.0.113.0/24 nor auto, any, any-v4 or any-v6");
            }
        }
    }
}
