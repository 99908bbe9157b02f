using FjBellows.Daemon.Commands;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Integration.Tests.Hetzner;
using FjBellows.Providers;
using FjBellows.Providers.Exec;
using FjBellows.Testing;
using FjBellows.Testing.Clouds;
using Xunit.Abstractions;

namespace FjBellows.Integration.Tests.Exec;

/// <summary>The example in bash, against the stand-in for its cloud.</summary>
[Needs(Part.Jq, Part.Curl)]
public sealed class ExecExampleTests(ITestOutputHelper output)
{
    private static readonly string Script = Path.Combine(Repository.Root, "samples", "exec-bash", "provider.sh");

    [Fact]
    public void The_example_has_60_lines_at_most() => File.ReadAllLines(Script).Length.ShouldBeLessThanOrEqualTo(60);

    [Fact]
    public async Task The_example_passes_the_programs_own_test()
    {
        await using var fake = new HetznerFake(TimeProvider.System, HetznerScene.Token);
        await fake.StartAsync();
        using var files = new DaemonFiles();
        files.Write("id", FjBellows.Ssh.HostKeys.HostKeyPair.Generate().PrivateKey.Reveal());
        files.Write("token", HetznerScene.Token);
        var config = files.Write("config.yaml", $$"""
            forgejo: {url: "http://127.0.0.1:9", token: t0ken-of-forgejo, scope: admin, labels: ["debian:host"]}
            tag: exec-ci
            provider: exec
            provider_config:
              command: ["{{Script}}"]
              settings: {url: "{{fake.ApiUrl}}", token: "file:token", type: cx23, image: debian-12, location: fsn1}
            ssh: {private_key_file: id}
            """);
        using var said = new StringWriter();

        var code = await CommandLine.InvokeAsync(["provider", "test", "exec", "--config", config], said, said);

        output.WriteLine(said.ToString());
        code.ShouldBe(0, said.ToString());
        said.ToString().ShouldContain("The program keeps the protocol.");
        said.ToString().ShouldNotContain(HetznerScene.Token);
        fake.Account.Billed.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(CloudTrouble.NoCapacity, CloudErrorKind.CapacityOut)]
    [InlineData(CloudTrouble.QuotaReached, CloudErrorKind.QuotaExceeded)]
    [InlineData(CloudTrouble.CreateFails, CloudErrorKind.Transient)]
    [Trait("Invariant", "R2")]
    public async Task The_example_tells_refusals_apart(CloudTrouble trouble, CloudErrorKind kind)
    {
        await using var scene = await HetznerScene.StartAsync();
        scene.Arrange(trouble);
        using var provider = await ExecProvider.OpenAsync(ExecScene.SettingsFor(scene.Fake, HetznerScene.Token));

        (await Should.ThrowAsync<CloudException>(() => provider.CreateAsync(Spec, default))).Kind.ShouldBe(kind);
        scene.Billed.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public async Task The_example_takes_a_proxys_page_for_no_absence_and_a_wrong_token_for_what_it_is()
    {
        await using var scene = await HetznerScene.StartAsync();
        using var provider = await ExecProvider.OpenAsync(ExecScene.SettingsFor(scene.Fake, HetznerScene.Token));
        var created = await provider.CreateAsync(Spec, default);
        scene.Arrange(CloudTrouble.ProxysNotFound);

        (await Should.ThrowAsync<CloudException>(() => provider.GetAsync(created.Id, default))).Kind.ShouldBe(CloudErrorKind.Transient);
        using var stranger = await ExecProvider.OpenAsync(ExecScene.SettingsFor(scene.Fake, "another-token-0123456789"));
        var refused = await Should.ThrowAsync<CloudException>(() => stranger.ListAsync(ProviderContract.Ours, default));
        refused.Kind.ShouldBe(CloudErrorKind.Auth);
        refused.Message.ShouldNotContain("another-token");
    }

    private static InstanceSpec Spec => new("acme-ci-w1", ProviderContract.Ours, new Secret("#cloud-config\n"), []);
}
