using FjBellows.Integration.Tests.Daemon;
using FjBellows.Integration.Tests.Sandbox;
using FjBellows.Providers;
using FjBellows.Providers.Docker;

namespace FjBellows.Integration.Tests.Docker;

[Collection(DockerCollection.Name)]
public sealed class DockerCheckTests(DockerHost host)
{
    [Fact]
    [Trait("Invariant", "W4")]
    public async Task A_good_set_up_is_tried_from_inside_a_container_that_is_gone_afterwards()
    {
        await using var forge = await Forge.StartAsync();

        var findings = await FindAsync(forge.Server.Url);

        findings.ShouldAllBe(f => f.Level == FindingLevel.Ok);
        findings.Select(f => f.Subject).ShouldBe(["engine", "image", "runner", "forgejo"]);
        findings[2].Message.ShouldContain("forgejo-runner version");
        findings[3].Message.ShouldContain(forge.Server.Url);
        (await host.DockerAsync("ps", "-aq", "--filter", "label=fj-bellows.check")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("forgejo", "forgejo", "cannot be reached from a container on network 'host'")]
    [InlineData("image", "image", "docker pull fjb-nowhere:1")]
    [InlineData("network", "network", "docker network create nowhere")]
    [InlineData("runtime", "runtime", "no runtime 'nowhere'")]
    [InlineData("runner", "runner", "the runner does not run")]
    [InlineData("engine", "engine", "no engine answers at unix:///nowhere/docker.sock")]
    [InlineData("mount", "worker", "nonsense")]
    public async Task What_will_not_work_is_found_beforehand(string broken, string subject, string told)
    {
        await using var forge = await Forge.StartAsync();

        var findings = await FindAsync(broken == "forgejo" ? "http://127.0.0.1:9/" : forge.Server.Url, s => broken switch
        {
            "image" => s with { Image = "fjb-nowhere:1", Pull = DockerPull.Missing },
            "network" => s with { Network = "nowhere" },
            "runtime" => s with { Runtime = "nowhere" },
            "runner" => s with { Volumes = [] },
            "engine" => s with { Host = new Uri("unix:///nowhere/docker.sock") },
            "mount" => s with { Volumes = ["/nowhere:/a:nonsense"] },
            _ => s,
        });

        var finding = findings.Where(f => f.Level != FindingLevel.Ok).ShouldHaveSingleItem();
        finding.Subject.ShouldBe(subject);
        finding.Message.ShouldContain(told);
        (await host.DockerAsync("ps", "-aq", "--filter", "label=fj-bellows.check")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_user_who_may_not_open_the_socket_is_told_how_to_be_let_in()
    {
        using var files = new DaemonFiles();
        files.Write(
            "config.yaml",
            $$"""
            forgejo: {url: "http://127.0.0.1:9", token: t, scope: admin, labels: ["debian:host"]}
            tag: check-ci
            provider: docker
            provider_config: {image: "{{DockerHost.Image}}", host: "unix://{{host.Socket}}"}
            """,
            (UnixFileMode)0b110_100_100);
        if (!OperatingSystem.IsWindows())
        {
            // Both may be entered; only the socket itself is closed.
            File.SetUnixFileMode(files.Directory, (UnixFileMode)0b111_101_101);
            File.SetUnixFileMode(host.Directory, (UnixFileMode)0b111_101_101);
        }

        var (_, said) = await Ssh.Command.TryAsync(
            "runuser", "-u", "nobody", "--", "env", $"HOME={files.Directory}", "dotnet",
            Path.Combine(AppContext.BaseDirectory, "fj-bellows.dll"), "check", "-config", files.Config, "--state", files.State);

        said.ShouldContain("may not open the engine's socket");
        said.ShouldContain("group 'docker'");
    }

    private async Task<IReadOnlyList<AccountFinding>> FindAsync(string forgejo, Func<DockerSettings, DockerSettings>? change = null)
    {
        var settings = change?.Invoke(host.Settings) ?? host.Settings;
        using var provider = new DockerProvider(settings, new DockerEngine(settings), DockerHost.Runner(forgejo));
        return await provider.CheckAsync(CancellationToken.None);
    }
}
