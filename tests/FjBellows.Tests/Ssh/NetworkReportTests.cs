using System.Net;
using FjBellows.Dispatch;
using FjBellows.Ssh.Bootstrap;
using FjBellows.Ssh.Tunnel;

namespace FjBellows.Tests.Ssh;

/// <summary>What a worker says about its network, and what follows for its jobs.</summary>
[Trait("Invariant", "S7")]
public sealed class NetworkReportTests
{
    private static readonly Uri Forgejo = new("http://forgejo.lan:3000/");
    private static readonly RunnerSetup Runner = WorkerLayout.RunnerSetup(Forgejo, DockerUse.Own);

    [Fact]
    public void An_address_of_the_worker_s_own_needs_no_override_in_containers()
    {
        var report = NetworkReport.Parse("own 192.0.2.1 39000\n")!;
        report.ShouldBe(new NetworkReport.Own(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 39000)));

        var setup = report.Apply(Runner, ForgejoRoute.Of(Forgejo));
        setup.ForgejoHosts.ShouldBeEmpty();
        (setup.ContainerNetwork, setup.CacheHost).ShouldBe((ContainerNetwork.PerJob, "192.0.2.1"));
    }

    [Fact]
    public void The_fallback_names_forgejo_to_job_containers_and_says_why()
    {
        var report = NetworkReport.Parse("gateway 172.17.0.1 3000 there is no dnsmasq\n").ShouldBeOfType<NetworkReport.Gateway>();

        report.Reason.ShouldBe("there is no dnsmasq");
        var setup = report.Apply(Runner, ForgejoRoute.Of(Forgejo));
        setup.ForgejoHosts.ShouldBe(new Dictionary<string, string> { ["forgejo.lan"] = RunnerSetup.EngineGateway });
        setup.ContainerNetwork.ShouldBe(ContainerNetwork.PerJob);
    }

    [Theory]
    [InlineData("")]
    [InlineData("own")]
    [InlineData("own 192.0.2.1")]
    [InlineData("own 192.0.2.1 70000")]
    [InlineData("own forgejo 39000")]
    [InlineData("gateway 172.17.0.1 3000")]
    [InlineData("Last login: Tue")]
    public void Anything_else_is_no_report(string text) => NetworkReport.Parse(text).ShouldBeNull();

    [Fact]
    public void A_worker_of_an_earlier_version_keeps_its_network()
    {
        var report = NetworkReport.Parse("none\n").ShouldBeOfType<NetworkReport.Loopback>();
        report.Apply(Runner, ForgejoRoute.Of(Forgejo)).ShouldBe(Runner);
        NetworkReport.Parse("booting\n").ShouldBeOfType<NetworkReport.Booting>();
    }

    [Theory]
    [InlineData("http://forgejo.lan:3000/", "forgejo.lan", 3000, true)]
    [InlineData("https://forge.example.com/", "forge.example.com", 443, false)]
    [InlineData("http://198.18.9.1:3000/", "198.18.9.1", 3000, true)]
    public void Forgejo_s_own_host_and_port_are_led_to_the_tunnel(string url, string host, int port, bool plain) =>
        JobNetwork.Of(new Uri(url)).ShouldBe(new JobNetwork(host, port, plain));

    [Theory]
    [InlineData("http://localhost:3000/")]
    [InlineData("http://127.0.0.1:3000/")]
    [InlineData("http://[2001:db8::1]:3000/")]
    public void What_cannot_be_led_there_keeps_the_loopback_tunnel(string url)
    {
        JobNetwork.Of(new Uri(url)).ShouldBeNull();
        WorkerLayout.RunnerSetup(new Uri(url), DockerUse.Own).NetworkReportFile.ShouldBeNull();
    }

    [Fact]
    public void The_first_boot_document_has_room_for_the_operator_s_own_steps()
    {
        var worker = new NewWorker(
            "ci-w1", "runner", FjBellows.Ssh.HostKeys.HostKeyPair.Generate(), ["ssh-ed25519 AAAA me"], "forgejo.example.com")
        {
            Network = JobNetwork.Of(new Uri("http://forgejo.example.com:3000/")),
        };

        CloudInit.Document(worker, new BootstrapSettings()).Length.ShouldBeLessThan(13 * 1024);
    }
}
