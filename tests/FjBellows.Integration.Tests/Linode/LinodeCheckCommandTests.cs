using FjBellows.Daemon.Commands;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Sandbox.Clouds;

namespace FjBellows.Integration.Tests.Linode;

/// <summary><c>fj-bellows check</c> on an account at Linode.</summary>
public sealed class LinodeCheckCommandTests : IDisposable
{
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task An_account_that_will_do_is_reported_with_its_price()
    {
        await using var forge = await Sandbox.Forge.StartAsync();
        await using var fake = await LinodeFake.StartAsync(new LinodeFakeOptions { Token = LinodeScene.Token });
        fake.Account.Seed("somebodys-web");
        Configure(forge.Server.Url, fake, "us-ord", "g6-standard-2", "linode/debian12");

        var (code, said, error) = await CheckAsync();

        code.ShouldBe((int)ExitCode.Ok, said + error);
        said.ShouldContain("linode");
        said.ShouldContain("reads Linodes; the account has 1");
        said.ShouldContain("has the scope linodes:read_write");
        said.ShouldContain("has the scope firewall:read_write");
        said.ShouldContain("linode/debian12 takes cloud-init");
        said.ShouldContain("us-ord is up");
        said.ShouldContain("g6-standard-2 in us-ord costs 0.036 per hour");
        said.ShouldContain("g6-standard-2 in br-gru costs 0.0504 per hour");
        said.ShouldContain("0 errors, 0 warnings");
        fake.Requests.ShouldAllBe(r => r.StartsWith("GET ", StringComparison.Ordinal));
        fake.Account.Instances.Count.ShouldBe(1);
        (said + error).ShouldNotContain(LinodeScene.Token);
    }

    [Fact]
    public async Task What_will_not_do_is_reported_in_one_run_and_ends_with_1()
    {
        await using var forge = await Sandbox.Forge.StartAsync();
        await using var fake = await LinodeFake.StartAsync(
            new LinodeFakeOptions { Token = LinodeScene.Token, Scopes = "linodes:read_write" });
        Configure(forge.Server.Url, fake, "ap-old", "g6-monster-9", "linode/debian9");

        var (code, said, error) = await CheckAsync();

        code.ShouldBe((int)ExitCode.Failure, said + error);
        said.ShouldContain("lacks the scope firewall:read_write");
        said.ShouldContain("linode/debian9 has no capability cloud-init");
        said.ShouldContain("ap-old lacks the capability Metadata");
        said.ShouldContain("g6-monster-9 does not exist");
        fake.Requests.ShouldAllBe(r => r.StartsWith("GET ", StringComparison.Ordinal));
    }

    private Task<(int ExitCode, string Output, string Error)> CheckAsync() => DaemonProcess.RunAsync(["check", .. _files.Arguments]);

    private void Configure(string forgejo, LinodeFake fake, string region, string type, string image) => _files.Write("config.yaml", $$"""
        forgejo: {url: "{{forgejo}}", token: {{Sandbox.Forge.AdminToken}}, scope: admin, labels: [docker]}
        tag: test-ci
        provider: linode
        provider_config:
          region: {{region}}
          type: {{type}}
          image: {{image}}
          token: {{LinodeScene.Token}}
          api_url: "{{fake.ApiUrl}}"
          fallbacks: [{region: br-gru, type: g6-standard-2}]
          firewall: {allow_inbound: [any]}
        ssh: {private_key_file: id}
        """);
}
