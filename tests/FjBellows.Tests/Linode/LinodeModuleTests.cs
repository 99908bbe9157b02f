using System.Text;
using FjBellows.Billing;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Providers.Rest;
using FjBellows.Tests.Configuration;

namespace FjBellows.Tests.Linode;

/// <summary><c>provider_config</c> of Linode, read from files.</summary>
public sealed class LinodeModuleTests
{
    private const string Least =
        """
        region: us-ord
        type: g6-standard-2
        image: linode/debian12
        token: ${LINODE_TOKEN}
        """;

    [Fact]
    public void The_go_originals_keys_are_read_as_they_were()
    {
        var settings = Read(Least + '\n' +
            """
            firewall:
              allow_inbound: [203.0.113.5/32, auto]
              refresh_interval: 30m
              outbound_policy: DROP
              extra_inbound:
                - label: metrics
                  description: node exporter
                  action: ACCEPT
                  protocol: TCP
                  ports: "9100"
                  addresses: [any]
            placement_group:
              enforcement: strict
            vpc:
              name: ci-net
              subnets:
                workers:
                  ipv4: 10.0.0.0/24
                cache: {ipv4: 10.0.1.0/24}
              worker_subnet: workers
            """);

        settings.Token.Reveal().ShouldBe("t0ken-of-linode");
        settings.Firewall!.AllowInbound.ShouldBe(["203.0.113.5/32", "auto"]);
        settings.Firewall.RefreshInterval.ShouldBe(TimeSpan.FromMinutes(30));
        (settings.Firewall.InboundPolicy, settings.Firewall.OutboundPolicy).ShouldBe(
            (LinodeFirewallAction.Drop, LinodeFirewallAction.Drop));
        settings.Firewall.ExtraInbound.ShouldHaveSingleItem().Ports.ShouldBe("9100");
        settings.Firewall.AddressServices.ShouldBe(HostAddress.DefaultServices);
        settings.PlacementGroup!.Enforcement.ShouldBe(LinodeEnforcement.Strict);
        settings.Vpc!.Subnets.ShouldBe(
            new Dictionary<string, string> { ["workers"] = "10.0.0.0/24", ["cache"] = "10.0.1.0/24" }, ignoreOrder: true);
        settings.Vpc.WorkerSubnet.ShouldBe("workers");
    }

    [Fact]
    public void The_least_and_the_new_keys()
    {
        var least = Read(Least);
        least.ShouldBe(
            new LinodeSettings
            {
                Region = "us-ord",
                Type = "g6-standard-2",
                Image = "linode/debian12",
                Token = least.Token,
                Fallbacks = least.Fallbacks,
            });
        least.Fallbacks.ShouldBeEmpty();

        var settings = Read(Least + '\n' +
            """
            fallbacks:
              - {region: us-iad, type: g6-standard-2}
              - {region: us-ord, type: g6-standard-4}
            firewall_id: 77
            api_url: http://127.0.0.1:4100/v4
            request_timeout: 5s
            """);

        settings.Placements.ShouldBe([new("us-ord", "g6-standard-2"), new("us-iad", "g6-standard-2"), new("us-ord", "g6-standard-4")]);
        settings.FirewallId.ShouldBe(77);
        settings.ApiUrl.ShouldBe(new Uri("http://127.0.0.1:4100/v4"));
        settings.RequestTimeout.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("regin: us-ord", "provider_config.regin", 13, "did you mean 'region'?")]
    [InlineData(
        "firewall: {allow_inbound: [any], inbound_polcy: DROP}", "provider_config.firewall.inbound_polcy", 13,
        "did you mean 'inbound_policy'?")]
    [InlineData("firewall: {allow_inbound: [auto-detect]}", "provider_config.firewall.allow_inbound[0]", 13, null)]
    [InlineData("firewall: {allow_inbound: [any], inbound_policy: REJECT}", "provider_config.firewall.inbound_policy", 13, null)]
    [InlineData("placement_group: {enforcement: loose}", "provider_config.placement_group.enforcement", 13, null)]
    [InlineData("vpc: {subnets: {workers: 10.0.0.0/24}}", "provider_config.vpc.subnets.workers", 13, null)]
    [InlineData("vpc: {subnets: {workers: {ipv4: 10.0.0.0/24, ipv6: x}}}", "provider_config.vpc.subnets.workers.ipv6", 13, null)]
    [InlineData("firewall_id: 0", "provider_config.firewall_id", 13, null)]
    [InlineData("ip: vpc", "provider_config.ip", 13, null)]
    [InlineData("fallbacks: [{region: us-iad}]", "provider_config.fallbacks[0].type", 13, null)]
    public void A_mistake_is_reported_with_its_place(string line, string key, int at, string? fix)
    {
        var loaded = Load(Least + '\n' + line);

        var error = loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldHaveSingleItem(string.Join('\n', loaded.Findings));
        error.Key.ShouldBe(key);
        error.Mark.Line.ShouldBeGreaterThanOrEqualTo(at);
        error.Fix.ShouldNotBeNullOrWhiteSpace();
        if (fix is not null)
        {
            error.Fix.ShouldBe(fix);
        }

        error.ToString().ShouldNotContain("t0ken-of-linode");
    }

    [Fact]
    public void It_bills_by_the_hour_and_is_reached_over_ssh()
    {
        var plan = Plan(Load(Least));

        plan.Billing.ShouldBe(BillingModel.Hourly);
        plan.NeedsSsh.ShouldBeTrue();
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public void Pools_that_share_a_token_share_its_budget()
    {
        var plan = Plan(Load(Least));

        plan.BudgetOf(new Secret("a"), TimeProvider.System).ShouldBeSameAs(plan.BudgetOf(new Secret("a"), TimeProvider.System));
        plan.BudgetOf(new Secret("a"), TimeProvider.System).ShouldNotBeSameAs(plan.BudgetOf(new Secret("b"), TimeProvider.System));
    }

    private static LinodeSettings Read(string providerConfig) => Plan(Load(providerConfig)).Settings;

    private static LinodeConfig Plan(LoadedConfig loaded)
    {
        loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldBeEmpty(string.Join('\n', loaded.Findings));
        return loaded.Config!.Pools.ShouldHaveSingleItem().Provider.ShouldBeOfType<LinodeConfig>();
    }

    private static LoadedConfig Load(string providerConfig)
    {
        var file = ConfigFixture.Minimal.Replace("provider: sample", "provider: linode", StringComparison.Ordinal)
            .Replace("  region: nl", string.Join('\n', providerConfig.Split('\n').Select(l => "  " + l)), StringComparison.Ordinal);
        return ConfigLoader.Load(
            "config.yaml",
            Encoding.UTF8.GetBytes(file),
            new ProviderModules(new LinodeModule(_ => throw new NotSupportedException("the tests of the configuration reach nobody"))),
            new ConfigSources(
                name => name == "LINODE_TOKEN" ? "t0ken-of-linode" : null, _ => throw new FileNotFoundException(), "/etc/fj-bellows"));
    }
}
