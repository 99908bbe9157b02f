using System.Text;
using FjBellows.Billing;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;
using FjBellows.Dispatch;
using FjBellows.Providers.Docker;
using FjBellows.Tests.Configuration;

namespace FjBellows.Tests.Docker;

/// <summary><c>provider_config</c> of Docker, read from files.</summary>
public sealed class DockerModuleTests
{
    [Fact]
    public void The_go_originals_keys_are_read_as_they_were()
    {
        var settings = Plan(Load(
            """
            image: fj-worker:1
            network: ci
            volumes: [/var/cache/ci:/cache, tools:/tools:ro]
            wait_timeout: 1m30s
            """)).Settings;

        (settings.Image, settings.Network, settings.WaitTimeout).ShouldBe(("fj-worker:1", "ci", TimeSpan.FromSeconds(90)));
        settings.Volumes.ShouldBe(["/var/cache/ci:/cache", "tools:/tools:ro"]);
        settings.Host.ShouldBe(new Uri("unix:///var/run/docker.sock"));
        settings.Pull.ShouldBe(DockerPull.Missing);
    }

    [Fact]
    public void The_least_is_an_image_and_the_new_keys_are_read()
    {
        var least = Plan(Load("image: w")).Settings;
        least.WaitTimeout.ShouldBe(TimeSpan.FromSeconds(30));
        (least.Memory, least.MilliCpus, least.Network, least.Privileged, least.DockerSocket, least.ImageCommand).ShouldBe(
            (null, null, null, false, false, false));

        var settings = Plan(Load(
            """
            image: w
            host: tcp://build.example:2376
            tls_directory: /etc/fj-bellows/docker
            pull: always
            cpus: 1.5
            memory: 2g
            privileged: true
            env: {HTTP_PROXY: "http://proxy:3128", N: 1}
            labels: {team: a}
            runtime: runsc
            user: 1000:998
            docker_socket: true
            image_command: true
            """)).Settings;
        (settings.Host, settings.TlsDirectory, settings.Pull).ShouldBe(
            (new Uri("tcp://build.example:2376"), "/etc/fj-bellows/docker", DockerPull.Always));
        (settings.MilliCpus, settings.Memory, settings.Runtime, settings.User).ShouldBe((1500, 2L << 30, "runsc", "1000:998"));
        (settings.Privileged, settings.DockerSocket, settings.ImageCommand).ShouldBe((true, true, true));
        settings.Env.ShouldBe(new Dictionary<string, string> { ["HTTP_PROXY"] = "http://proxy:3128", ["N"] = "1" }, ignoreOrder: true);
        settings.Labels.ShouldBe(new Dictionary<string, string> { ["team"] = "a" });
    }

    [Theory]
    [InlineData("512m", 512L << 20)]
    [InlineData("1.5 GiB", 1536L << 20)]
    [InlineData("8388608", 8L << 20)]
    [InlineData("8192K", 8L << 20)]
    public void Memory_is_written_in_many_ways(string text, long bytes) =>
        Plan(Load($"image: w\nmemory: {text}")).Settings.Memory.ShouldBe(bytes);

    [Theory]
    [InlineData("network: ci", "image")]
    [InlineData("image: ''", "image")]
    [InlineData("image: w\nhost: /var/run/docker.sock", "host")]
    [InlineData("image: w\nhost: ssh://root@build", "host")]
    [InlineData("image: w\nhost: tcp://build", "host")]
    [InlineData("image: w\ntls_directory: /etc/docker", "tls_directory")]
    [InlineData("image: w\nhost: tcp://build:2376\ntls_directory: docker", "tls_directory")]
    [InlineData("image: w\nvolumes: [/cache]", "volumes")]
    [InlineData("image: w\nvolumes: [a:b]", "volumes")]
    [InlineData("image: w\npull: allways", "pull")]
    [InlineData("image: w\ncpus: many", "cpus")]
    [InlineData("image: w\ncpus: 0", "cpus")]
    [InlineData("image: w\nmemory: 4k", "memory")]
    [InlineData("image: w\nmemory: lots", "memory")]
    [InlineData("image: w\nmemory: 99999999999999999999g", "memory")]
    [InlineData("image: w\nenv: [A=1]", "env")]
    [InlineData("image: w\nenv: {'A=B': 1}", "env")]
    [InlineData("image: w\nlabels: {fj-bellows.tag: mine}", "labels")]
    [InlineData("image: w\nprivilleged: true", "privilleged")]
    public void A_mistake_is_reported_with_its_key_and_a_fix(string providerConfig, string key)
    {
        var loaded = Load(providerConfig);

        var error = loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldHaveSingleItem(string.Join('\n', loaded.Findings));
        error.Key.ShouldBe($"provider_config.{key}");
        error.Mark.Line.ShouldBeGreaterThan(1);
        error.Fix.ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public void It_bills_by_the_second_and_needs_no_key()
    {
        var plan = Plan(Load("image: w"));

        plan.Billing.ShouldBe(BillingModel.PerSecond);
        plan.NeedsSsh.ShouldBeFalse();
    }

    [Theory]
    [InlineData(false, false, DockerUse.None)]
    [InlineData(false, true, DockerUse.None)]
    [InlineData(true, true, DockerUse.Shared)]
    [InlineData(true, false, DockerUse.Own)]
    [Trait("Invariant", "J9")]
    public void Only_an_engine_inside_a_worker_is_cleaned_as_the_workers_own(bool needsDocker, bool socket, DockerUse use) =>
        DockerConnector.RunnerIn(
            new DockerSettings { Image = "w", DockerSocket = socket }, "http://f/", ["forgejo-runner"], needsDocker).Docker.ShouldBe(use);

    private static DockerPlan Plan(LoadedConfig loaded)
    {
        loaded.Findings.Where(f => f.Severity == Severity.Error).ShouldBeEmpty(string.Join('\n', loaded.Findings));
        return loaded.Config!.Pools.ShouldHaveSingleItem().Provider.ShouldBeOfType<DockerPlan>();
    }

    private static LoadedConfig Load(string providerConfig)
    {
        var file = ConfigFixture.Minimal.Replace("provider: sample", "provider: docker", StringComparison.Ordinal)
            .Replace("  region: nl", string.Join('\n', providerConfig.Split('\n').Select(l => "  " + l)), StringComparison.Ordinal);
        return ConfigLoader.Load(
            "config.yaml", Encoding.UTF8.GetBytes(file), new ProviderModules(new DockerModule()),
            new ConfigSources(_ => null, _ => throw new FileNotFoundException(), "/etc/fj-bellows"));
    }
}
