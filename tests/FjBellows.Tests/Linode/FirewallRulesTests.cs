using System.Net;
using CsCheck;
using FjBellows.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Linode.Network;

namespace FjBellows.Tests.Linode;

public sealed class FirewallRulesTests
{
    private static readonly Gen<string> Networks = Gen.OneOf(
        Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte, Gen.Byte, Gen.Int[0, 32]).Select((a, b, c, d, bits) => $"{a}.{b}.{c}.{d}/{bits}"),
        Gen.Select(Gen.UShort, Gen.UShort, Gen.Int[0, 128]).Select((a, b, bits) => $"2001:db8:{a:x}:{b:x}::1/{bits}"));

    [Fact]
    public void Rules_have_one_family_fit_linodes_limits_and_lose_no_network() => Networks.Array[1, 1500].Sample(networks =>
    {
        var settings = new LinodeFirewallSettings { AllowInbound = networks };

        var rules = FirewallRules.Build(settings, 2222, []).Inbound!;

        rules.Count.ShouldBeLessThanOrEqualTo(FirewallRules.RulesPerDirection);
        rules.ShouldAllBe(r => r.Addresses.Ipv4 == null || r.Addresses.Ipv6 == null);
        rules.ShouldAllBe(r => All(r).Length > 0 && All(r).Length <= FirewallRules.AddressesPerRule);
        rules.ShouldAllBe(r => r.Ports == "2222" && r.Protocol == "TCP" && r.Action == "ACCEPT");
        rules.Select(r => r.Label).ShouldBeUnique();
        var there = rules.SelectMany(All).Select(IPNetwork.Parse).ToHashSet();
        networks.ShouldAllBe(
            n => there.Any(t => t.PrefixLength == int.Parse(n.Split('/')[1]) && t.Contains(IPAddress.Parse(n.Split('/')[0]))));
    }, iter: 60, threads: 1);

    [Fact]
    public void Words_stand_for_networks()
    {
        IPAddress[] host = [IPAddress.Parse("203.0.113.7"), IPAddress.Parse("2001:db8::7")];

        Sources(["auto"]).ShouldBe(["203.0.113.7/32", "2001:db8::7/128"]);
        Sources(["any"]).ShouldBe(["0.0.0.0/0", "::/0"]);
        Sources(["any-v4"]).ShouldBe(["0.0.0.0/0"]);
        Sources(["any-v6"]).ShouldBe(["::/0"]);
        Sources(["198.51.100.9/24", "198.51.100.0/24"]).ShouldBe(["198.51.100.0/24"]);

        string[] Sources(string[] allowed) => [.. FirewallRules.Build(new() { AllowInbound = allowed }, 22, host).Inbound!.SelectMany(All)];
    }

    [Fact]
    public void Extra_rules_come_after_ssh_and_are_split_by_family()
    {
        var settings = new LinodeFirewallSettings
        {
            AllowInbound = ["203.0.113.0/24"],
            InboundPolicy = LinodeFirewallAction.Drop,
            OutboundPolicy = LinodeFirewallAction.Drop,
            ExtraInbound =
                [new() { Label = "metrics-of-the-whole-office-floor", Description = "node exporter", Ports = "9100", Addresses = ["any"] }],
            ExtraOutbound =
            [
                new() { Label = "ping", Protocol = LinodeFirewallProtocol.Icmp, Addresses = ["any-v4"] },
                new() { Label = "all", Protocol = LinodeFirewallProtocol.Udp, Action = LinodeFirewallAction.Drop, Addresses = ["any-v4"] },
            ],
        };

        var rules = FirewallRules.Build(settings, 22, []);

        rules.Inbound!.Select(r => $"{r.Label} {r.Protocol} {r.Ports}")
            .ShouldBe(["ssh-v4 TCP 22", "metrics-of-the-whole-office-f-v4 TCP 9100", "metrics-of-the-whole-office-f-v6 TCP 9100"]);
        rules.Outbound!.Select(r => $"{r.Label} {r.Action} {r.Protocol} {r.Ports}")
            .ShouldBe(["ping-v4 ACCEPT ICMP ", "all-v4 DROP UDP 1-65535"]);
        (rules.InboundPolicy, rules.OutboundPolicy).ShouldBe(("DROP", "DROP"));
        rules.Inbound!.Concat(rules.Outbound!).ShouldAllBe(r => r.Label!.Length >= 3 && r.Label.Length <= 32);
    }

    [Fact]
    public void More_than_linode_takes_is_refused_in_words()
    {
        var networks = Enumerable.Range(0, (255 * 25) + 1).Select(i => $"10.{i / 256}.{i % 256}.0/24").ToArray();

        var failure = Should.Throw<CloudException>(() => FirewallRules.Build(new() { AllowInbound = networks }, 22, []));

        failure.Kind.ShouldBe(CloudErrorKind.InvalidConfig);
        failure.Message.ShouldContain("26 inbound rules");
        FirewallRules.Build(new() { AllowInbound = networks[..^1] }, 22, []).Inbound!.Count.ShouldBe(25);
    }

    [Fact]
    public void Nobody_let_in_is_refused() =>
        Should.Throw<CloudException>(() => FirewallRules.Build(new() { AllowInbound = ["auto"] }, 22, [])).Kind
            .ShouldBe(CloudErrorKind.InvalidConfig);

    [Fact]
    public void Rules_that_mean_the_same_are_the_same()
    {
        var rules = FirewallRules.Build(new() { AllowInbound = ["203.0.113.0/24", "198.51.100.0/24"] }, 22, []);
        var told = rules with
        {
            Inbound =
                [.. rules.Inbound!.Select(
                    r => r with { Label = "renamed", Addresses = new LinodeAddresses([.. r.Addresses.Ipv4!.Reverse()], []) })],
            Outbound = null,
        };

        rules.Means(told).ShouldBeTrue();
        rules.Means(told with { InboundPolicy = "ACCEPT" }).ShouldBeFalse();
        rules.Means(FirewallRules.Build(new() { AllowInbound = ["203.0.113.0/24"] }, 22, [])).ShouldBeFalse();
    }

    private static string[] All(LinodeRule rule) => [.. rule.Addresses.Ipv4 ?? [], .. rule.Addresses.Ipv6 ?? []];
}
