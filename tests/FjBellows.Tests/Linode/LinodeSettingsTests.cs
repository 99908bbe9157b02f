using FjBellows.Providers.Linode;

namespace FjBellows.Tests.Linode;

public sealed class LinodeSettingsTests
{
    private static readonly LinodeSettings Good =
        new() { Region = "us-ord", Type = "g6-standard-2", Image = "linode/debian12", Token = new Secret("t0ken") };

    [Fact]
    public void The_least_that_can_be_written_has_no_problem()
    {
        Good.Problems().ShouldBeEmpty();
        (Good with { Firewall = new() { AllowInbound = ["auto", "203.0.113.5/32", "2001:db8::/48"] }, PlacementGroup = new() }).Problems()
            .ShouldBeEmpty();
        (Good with
        {
            Vpc = new() { Subnets = new Dictionary<string, string> { ["workers"] = "10.0.0.0/24" } },
            Address = LinodeAddress.Vpc,
        }).Problems().ShouldBeEmpty();
        (Good with { ApiUrl = new Uri("http://127.0.0.1:4100/v4") }).Problems().ShouldBeEmpty();
    }

    [Fact]
    public void Each_mistake_is_named_by_its_key()
    {
        Keys(Good with { Region = "", Type = " ", Image = "", Token = new Secret("") }).ShouldBe(["region", "type", "image", "token"]);
        Keys(Good with { Fallbacks = [new("", "")] }).ShouldBe(["fallbacks[0].region", "fallbacks[0].type"]);
        Keys(Good with { FirewallId = 0, PlacementGroupId = -1 }).ShouldBe(["firewall_id", "placement_group_id"]);
        Keys(Good with { FirewallId = 5, Firewall = new() { AllowInbound = ["any"] } }).ShouldBe(["firewall"]);
        Keys(Good with { PlacementGroupId = 5, PlacementGroup = new() }).ShouldBe(["placement_group"]);
        Keys(Good with { PlacementGroupId = 5, Fallbacks = [new("br-gru", "g6-standard-2")] }).ShouldBe(["placement_group_id"]);
        Keys(Good with { Address = LinodeAddress.Vpc }).ShouldBe(["ip"]);
        Keys(Good with { ApiUrl = new Uri("http://api.linode.com/v4") }).ShouldBe(["api_url"]);
        Keys(Good with { RequestTimeout = TimeSpan.Zero, SshPort = 0 }).ShouldBe(["request_timeout", "ssh.port"]);
    }

    [Fact]
    public void Mistakes_in_the_firewall_are_named_by_their_place()
    {
        Keys(Firewall(new())).ShouldBe(["firewall.allow_inbound"]);
        Keys(Firewall(new() { AllowInbound = ["any", "203.0.113.5", "auto-detect", "10.0.0.0/33", "x/8"] }))
            .ShouldBe(["firewall.allow_inbound[1]", "firewall.allow_inbound[2]", "firewall.allow_inbound[3]", "firewall.allow_inbound[4]"]);
        Keys(Firewall(new() { AllowInbound = ["any"], RefreshInterval = TimeSpan.FromSeconds(59) }))
            .ShouldBe(["firewall.refresh_interval"]);
        Keys(Firewall(new() { AllowInbound = ["auto"], AddressServices = [] })).ShouldBe(["firewall.address_services"]);
        Keys(Firewall(new() { AllowInbound = ["any"], ExtraInbound = [new() { Label = "x", Addresses = [] }] }))
            .ShouldBe(["firewall.extra_inbound[0].label", "firewall.extra_inbound[0].addresses"]);
        Keys(Firewall(
            new()
            {
                AllowInbound = ["any"],
                ExtraOutbound = [new() { Label = "ping", Protocol = LinodeFirewallProtocol.Icmp, Ports = "7", Addresses = ["me"] }],
            }))
            .ShouldBe(["firewall.extra_outbound[0].ports", "firewall.extra_outbound[0].addresses[0]"]);
    }

    [Fact]
    public void Mistakes_in_the_vpc_are_named_by_their_place()
    {
        Keys(Good with { Vpc = new() { Name = "no_underscores" } }).ShouldBe(["vpc.name", "vpc.subnets"]);
        Keys(Good with
        {
            Vpc = new() { Subnets = new Dictionary<string, string> { ["a"] = "10.0.0.1", ["b"] = "2001:db8::/48" }, WorkerSubnet = "c" },
        })
            .ShouldBe(["vpc.subnets.a.ipv4", "vpc.subnets.b.ipv4", "vpc.worker_subnet"]);
    }

    [Fact]
    public void Settings_with_problems_make_no_provider() =>
        Should.Throw<ArgumentException>(() => new LinodeProvider(Good with { Region = "" })).Message.ShouldContain("region is empty");

    private static LinodeSettings Firewall(LinodeFirewallSettings firewall) => Good with { Firewall = firewall };

    private static string[] Keys(LinodeSettings settings) => [.. settings.Problems().Select(p => p.Key)];
}
