using System.Text;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Providers;

namespace FjBellows.Integration.Tests.Control;

public sealed class ReloadPlanTests
{
    private const string Single = """
        forgejo: {url: "https://forgejo.test", token: "${TOKEN}", scope: admin, labels: ["docker:host"]}
        tag: test-ci
        provider: linode
        provider_config: {region: nl-ams, type: g6-standard-1, image: linode/debian12, token: "${CLOUD}"}
        ssh: {private_key_file: id}
        scale: {max: 2}
        poll: {interval: 10s}
        """;

    private const string Several = """
        forgejo: {url: "https://forgejo.test", token: secret-token, scope: admin, labels: ["docker:host"]}
        tag: test-ci
        provider: local
        pools:
          small: {labels: ["small:host"], scale: {max: 1}}
          large: {labels: ["large:host"]}
        """;

    [Theory]
    [InlineData("max: 2", "max: 3", "scale.max")]
    [InlineData("scale: {max: 2}", "scale: {max: 2, min_idle: 1}", "scale.min_idle")]
    [InlineData("interval: 10s", "interval: 20s", "poll.interval")]
    [InlineData("interval: 10s", "hour_margin: 9m", "poll.interval,poll.hour_margin")]
    [InlineData("\"docker:host\"]", "\"docker:host\", \"more:host\"]", "forgejo.labels")]
    [InlineData("\"${TOKEN}\"", "another-token", "forgejo.token")]
    [InlineData("\"${CLOUD}\"", "another-token", "provider_config.token")]
    [InlineData("scale: {max: 2}", "scale: {max: 2}\nhistory: {retention: 24h}", "history.retention")]
    [InlineData("scale: {max: 2}", "scale: {max: 2}\nworker: {reuse: single}", "worker.reuse")]
    public void What_can_change_while_the_daemon_runs(string from, string to, string changed)
    {
        var plan = Plan(Single, Single.Replace(from, to, StringComparison.Ordinal));

        plan.Refused.ShouldBeEmpty();
        plan.Changed.ShouldBe(changed.Split(','));
    }

    [Theory]
    [InlineData("https://forgejo.test", "https://other.test", "forgejo.url")]
    [InlineData("scope: admin", "scope: user", "forgejo.scope")]
    [InlineData("test-ci", "other-ci", "tag")]
    [InlineData("nl-ams", "de-fra-2", "provider_config.region")]
    [InlineData("{private_key_file: id}", "{private_key_file: id, port: 2222}", "ssh.port")]
    [InlineData("\"docker:host\"]", "docker]", "forgejo.labels")]
    [InlineData("scale: {max: 2}", "scale: {max: 3}\nlog: {level: debug}", "log.level")]
    [InlineData("scale: {max: 2}", "scale: {max: 2}\nstate: {directory: /elsewhere}", "state.directory")]
    [InlineData("scale: {max: 2}", "scale: {max: 2}\nrunner: {version: 12.9.0}", "runner.version")]
    [InlineData("scale: {max: 2}", "scale: {max: 2}\nworker: {prepared_image: true}", "worker.prepared_image")]
    [InlineData("scale: {max: 2}", "scale: {max: 2}\ntelemetry: {otlp_endpoint: \"http://x\"}", "telemetry.otlp_endpoint")]
    public void What_needs_a_restart_is_named(string from, string to, string refused) =>
        Plan(Single, Single.Replace(from, to, StringComparison.Ordinal)).Refused.ShouldBe([refused]);

    [Fact]
    public void Each_pool_has_its_own_settings()
    {
        Plan(Several, Several.Replace("max: 1", "max: 5", StringComparison.Ordinal)).ShouldSatisfyAllConditions(
            p => p.Changed.ShouldBe(["pools.small.scale.max"]), p => p.Refused.ShouldBeEmpty());
        Plan(Several, Several.Replace("\"large:host\"", "\"huge:host\"", StringComparison.Ordinal)).ShouldSatisfyAllConditions(
            p => p.Changed.ShouldBe(["pools.large.labels"]), p => p.Refused.ShouldBeEmpty());
    }

    [Theory]
    [InlineData("  large: {labels: [\"large:host\"]}", "")]
    [InlineData("large:", "huge:")]
    public void A_pool_neither_comes_nor_goes_without_a_restart(string from, string to) =>
        Plan(Several, Several.Replace(from, to, StringComparison.Ordinal)).Refused.ShouldContain("pools");

    [Fact]
    public void A_secret_behind_the_same_reference_may_be_another_one()
    {
        Plan(Single, Single, name => "new-" + name).ShouldSatisfyAllConditions(
            p => p.Changed.ShouldBe(["forgejo.token", "pools.default.provider_config"]), p => p.Refused.ShouldBeEmpty());
        Plan(Single, Single).Changed.ShouldBeEmpty();
    }

    private static ReloadPlan Plan(string before, string after, Func<string, string?>? afterVariable = null)
    {
        var (oldRoot, old) = Read(before, name => "old-" + name);
        var (newRoot, now) = Read(after, afterVariable ?? (name => "old-" + name));
        return ReloadPlan.Between(oldRoot, newRoot, old, now, ProviderModules.BuiltIn);
    }

    private static (ConfigMap Root, BellowsConfig Config) Read(string yaml, Func<string, string?> variable)
    {
        var loaded = ConfigLoader.Load(
            "config.yaml", Encoding.UTF8.GetBytes(yaml), ProviderModules.BuiltIn, new ConfigSources(variable, _ => [], "/etc"));
        return (loaded.Root!, loaded.Config.ShouldNotBeNull(string.Join('\n', loaded.Findings)));
    }
}
