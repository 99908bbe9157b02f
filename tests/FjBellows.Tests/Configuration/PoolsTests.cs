using FjBellows.Daemon.Configuration;
using static FjBellows.Tests.Configuration.ConfigFixture;

namespace FjBellows.Tests.Configuration;

public class PoolsTests
{
    private const string Top = Minimal + "\nscale: {max: 9}\npoll: {interval: 30s, busy_for: 5m}\n";

    [Theory]
    [InlineData(
        "pools:\n  small: {}\n  large:\n    labels: [big]\n    scale: {max: 2}\n    poll: {interval: 3s}\n    provider: other\n    " +
        "provider_config: {region: us}\n")]
    [InlineData(
        "pools:\n- name: small\n- name: large\n  labels: [big]\n  scale: {max: 2}\n  poll: {interval: 3s}\n  provider: other\n  " +
        "provider_config: {region: us}\n")]
    public void A_pool_has_its_own_and_takes_the_rest_from_the_top(string pools)
    {
        var config = Read(Top + pools);

        config.Pools.Select(p => p.Settings.Name).ShouldBe(["small", "large"]);
        var small = config.Pools[0].Settings;
        var large = config.Pools[1].Settings;
        (small.Max, small.Labels.Query, small.Poll.Interval).ShouldBe((9, "docker", TimeSpan.FromSeconds(30)));
        (large.Max, large.Labels.Query, large.Poll.Interval, large.Poll.BusyFor).ShouldBe(
            (2, "big", TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(5)));
        config.Pools[0].Provider.Name.ShouldBe("sample");
        config.Pools[1].Provider.ShouldBe(new SampleModule.Plan("other", false, "us", null, 1));
        small.Ownership.Owner.ShouldNotBe(large.Ownership.Owner);
    }

    [Fact]
    public void A_pool_may_give_other_keys_to_the_same_provider() =>
        Read(Top + "pools:\n  a: {labels: [x]}\n  b: {labels: [y], provider_config: {region: us, size: 9}}\n")
            .Pools[1].Provider.ShouldBe(new SampleModule.Plan("sample", true, "us", null, 9));

    [Fact]
    public void Pools_that_share_a_label_are_warned_of() =>
        Load(Top + "pools: {a: {}, b: {labels: [docker, x]}}\n").Findings.ShouldHaveSingleItem().Severity.ShouldBe(Severity.Warning);

    [Theory]
    [InlineData("pools: {}", "no pool under")]
    [InlineData("pools: []", "no pool under")]
    [InlineData("pools: many", "expected a mapping or a list")]
    [InlineData("pools: [small]", "expected a mapping")]
    [InlineData("pools: {small: 3}", "expected a mapping")]
    [InlineData("pools: [{labels: [x]}]", "has no name")]
    [InlineData("pools: [{name: a, labels: [x]}, {name: a, labels: [y]}]", "two pools named 'a'")]
    [InlineData("pools: {'a b': {}}", "cannot be a pool's name")]
    [InlineData("pools: {a/b: {}}", "cannot be a pool's name")]
    [InlineData("pools: {a: {labels: []}}", "empty list")]
    [InlineData("pools: {a: {tag: x}}", "'tag' is not a known key of pools.a")]
    [InlineData("pools: {a: {labels: [x], provider: other, provider_config: {}}}", "region is missing")]
    [InlineData("pools: {a: {labels: [x], poll: {hour_margin: 2h}}}", "shorter than billing_hour")]
    public void Pools_that_cannot_work_are_refused(string line, string reason) => Error(Top + line).Message.ShouldContain(reason);

    [Fact]
    public void A_mistake_at_the_top_is_reported_once() =>
        Error(Minimal + "\npoll: {intervall: 3s}\npools: {a: {labels: [x]}, b: {labels: [y]}}\n").Fix.ShouldContain("interval");
}
