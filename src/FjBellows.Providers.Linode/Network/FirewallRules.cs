using System.Net;
using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode.Network;

/// <summary>The rules of a managed firewall, from its settings and the host's addresses: pure.</summary>
internal static class FirewallRules
{
    /// <summary>Linode's limit of addresses in one rule, both families together; every rule made here has one family only.</summary>
    public const int AddressesPerRule = 255;

    /// <summary>Linode's limit of rules in one direction.</summary>
    public const int RulesPerDirection = 25;

    private const int LongestLabel = 32;
    private const string PolicyOfSsh = "SSH from the daemon";

    /// <summary>Builds both directions.</summary>
    /// <exception cref="CloudException"><see cref="CloudErrorKind.InvalidConfig"/>: no one would be let in, or Linode's limits are
    /// exceeded.</exception>
    public static LinodeRules Build(LinodeFirewallSettings settings, int sshPort, IReadOnlyCollection<IPAddress> host)
    {
        var ssh =
            new LinodeFirewallRule { Label = "ssh", Description = PolicyOfSsh, Ports = $"{sshPort}", Addresses = settings.AllowInbound };
        var openings = Split(ssh, host).ToList();
        if (openings.Count == 0)
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig,
                "firewall.allow_inbound comes to no address at all, so no worker could be reached; write the daemon's network in " +
                "CIDR form");
        }

        return new LinodeRules(
            Word(settings.InboundPolicy),
            Word(settings.OutboundPolicy),
            Within("inbound", [.. openings, .. settings.ExtraInbound.SelectMany(r => Split(r, host))]),
            Within("outbound", [.. settings.ExtraOutbound.SelectMany(r => Split(r, host))]));
    }

    private static IEnumerable<LinodeRule> Split(LinodeFirewallRule rule, IReadOnlyCollection<IPAddress> host)
    {
        var (v4, v6) = FirewallSource.Resolve(rule.Addresses, host);
        return Chunk(rule, "v4", v4, chunk => new LinodeAddresses(chunk, null))
            .Concat(Chunk(rule, "v6", v6, chunk => new LinodeAddresses(null, chunk)));
    }

    private static IEnumerable<LinodeRule> Chunk(
        LinodeFirewallRule rule, string family, IReadOnlyList<string> addresses, Func<string[], LinodeAddresses> of)
    {
        var number = 0;
        foreach (var chunk in addresses.Chunk(AddressesPerRule))
        {
            number++;
            var ending = addresses.Count > AddressesPerRule ? $"-{family}-{number}" : $"-{family}";
            var label = rule.Label[..Math.Min(rule.Label.Length, LongestLabel - ending.Length)] + ending;
            yield return new LinodeRule(
                Word(rule.Action),
                rule.Protocol.ToString().ToUpperInvariant(),
                rule.Ports.Length > 0 ? rule.Ports : rule.Protocol is LinodeFirewallProtocol.Tcp or LinodeFirewallProtocol.Udp
                    ? "1-65535"
                    : null,
                of(chunk),
                label,
                rule.Description.Length > 0 ? rule.Description : null);
        }
    }

    private static List<LinodeRule> Within(string direction, List<LinodeRule> rules) =>
        rules.Count <= RulesPerDirection
            ? rules
            : throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"the firewall would need {rules.Count} {direction} rules of {AddressesPerRule} addresses each, but Linode takes " +
                $"{RulesPerDirection}; name larger networks instead of many small ones");

    private static string Word(LinodeFirewallAction action) => action == LinodeFirewallAction.Accept ? "ACCEPT" : "DROP";
}
