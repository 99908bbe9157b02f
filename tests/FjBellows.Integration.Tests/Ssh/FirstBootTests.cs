using System.Net;
using System.Security.Cryptography;
using System.Text;
using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Ssh;
using FjBellows.Ssh.Bootstrap;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>The whole way: seed, first boot by the real cloud-init, first dial with the pinned key, readiness.</summary>
[Trait("Invariant", "W4")]
[Needs(Part.Root, Part.CloudInit, Part.Sshd, Part.NetworkNamespaces, Part.Iptables, Part.Sudo, Part.Dnsmasq, Part.Python3)]
public class FirstBootTests
{
    private const string Runner =
        "#!/bin/sh\n[ \"$1\" != --version ] || { echo 'forgejo-runner version v12.10.1'; exit 0; }\nwhile [ ! -e /tmp/finish ]; do " +
        "sleep 0.05; done\nexit 0\n";

    [Theory]
    [InlineData("root", false)]
    [InlineData("runner", false)]
    [InlineData("runner", true)]
    [Trait("Invariant", "S1")]
    [Trait("Invariant", "S7")]
    [Trait("Invariant", "S8")]
    public async Task A_worker_is_born_reached_with_its_pinned_key_and_ready(string user, bool packed)
    {
        await using var world = await World.StartAsync(user, Sum(Runner), run: "touch /var/lib/fj-bellows/was-here", packed: packed);
        await using var session = await world.ConnectAsync();

        var ready = await session.CheckReadyAsync(default);
        ready.Ready.ShouldBeTrue(ready.Detail + world.Worker.Said());
        ready.Detail.ShouldContain("12.10.1");
        (await Run("ls /var/lib/fj-bellows/was-here")).ShouldNotBeEmpty();

        // Forgejo's name means the tunnel there, and the tunnel works.
        (await Run($"curl -fsS {world.Runner.ForgejoUrl}/through")).ShouldBe("/through");
        (await Run($"grep -c fj-bellows /etc/hosts")).Trim().ShouldBe("1");

        // The private host key is where sshd reads it, and nowhere else.
        // The first line of base64 is the same in every key.
        var key = world.Seed.UserData.Reveal().Split('\n').Select(line => line.Trim()).Where(line => line.Length is 70 or 76).Skip(1)
            .Take(3).ToList();
        key.Count.ShouldBe(3);
        var copies = await Run(
            $"grep -rlsF {string.Join(' ', key.Select(line => $"-e '{line}'"))} /var/lib/cloud /run/cloud-init /var/log /tmp " +
            $"/var/lib/fj-bellows || true");
        copies.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(file => !file.Contains("/seed/")).ShouldBeEmpty();
        (await Run("stat -c %a /etc/ssh/ssh_host_ed25519_key")).Trim().ShouldBe("600");
        foreach (var chain in new[] { "DOCKER-USER", "OUTPUT" })
        {
            (await world.Worker.InsideAsync("iptables", "-S", chain))
                .ShouldContain($"-A {chain} -d 169.254.169.254/32 -p tcp -m tcp ! --dport 53 -j REJECT");
        }

        (await world.Worker.InsideAsync("ip6tables", "-S", "OUTPUT")).ShouldContain("fd00:ec2::254");

        if (user != "root")
        {
            (await Run("id -nG")).Split(' ', '\n').ShouldContain("docker");
            (await Run("cat /etc/ssh/ssh_host_ed25519_key 2>/dev/null || echo no")).ShouldBe("no\n");
        }

        await Run("touch /tmp/finish");
        await session.StartAsync(SshBench.Launch("w-1-1"), default);
        (await session.FollowAsync(new DispatchId("w-1-1"), null, default)).ExitCode.ShouldBe(0);

        async Task<string> Run(string command)
        {
            var result = await session.ExecAsync(command, default);
            result.ExitCode.ShouldBe(0, $"{command}: {result.Error}");
            return result.Output;
        }
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public async Task A_job_goes_on_while_the_wire_is_cut_and_finds_its_tunnel_again()
    {
        await using var world = await World.StartAsync("root", Sum(Runner), run: null);
        await using (var first = await world.ConnectAsync())
        {
            await first.StartAsync(SshBench.Launch("w-1-1"), default);
            await world.Worker.CutAsync(true);
            (await first.Lost.WaitAsync(TimeSpan.FromMinutes(2))).ShouldContain("no sign of life");
            (await Should.ThrowAsync<InvalidOperationException>(world.ConnectAsync)).InnerException.ShouldBeOfType<SessionException>().Kind
                .ShouldBe(SessionErrorKind.Unreachable);
            await world.Worker.CutAsync(false);
        }

        await using var second = await world.ConnectAsync();
        (await second.InspectAsync(default)).ShouldHaveSingleItem().Alive.ShouldBeTrue();
        (await second.ExecAsync($"curl -fsS {world.Runner.ForgejoUrl}/again && touch /tmp/finish", default)).Output.ShouldBe("/again");
        (await second.FollowAsync(new DispatchId("w-1-1"), null, default).WaitAsync(TimeSpan.FromMinutes(2))).ExitCode.ShouldBe(0);
    }

    [Theory]
    [Trait("Invariant", "W5")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", null, "installing forgejo-runner")]
    [InlineData(null, "echo before; false; echo after", "running worker.run")]
    public async Task A_step_that_fails_is_reported_and_never_ends_in_ready(string? sum, string? run, string step)
    {
        await using var world = await World.StartAsync("root", sum ?? Sum(Runner), run);
        await using var session = await world.ConnectAsync();

        var ready = await session.CheckReadyAsync(default);

        ready.Ready.ShouldBeFalse();
        ready.Failed.ShouldBeTrue(ready.Detail);
        ready.Detail.ShouldContain(step);
        ready.Detail.ShouldNotContain("\nafter");
    }

    private static string Sum(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    /// <summary>A Forgejo, a mirror of the runner's releases, and a worker that was born for them.</summary>
    private sealed class World : IAsyncDisposable
    {
        private WebApplication _web = null!;
        private SshConnector _connector = null!;

        public BootedWorker Worker { get; private set; } = null!;

        public WorkerSeed Seed { get; private set; } = null!;

        public RunnerSetup Runner { get; private set; } = null!;

        public static async Task<World> StartAsync(string user, string sum, string? run, bool packed = false)
        {
            var world = new World { _web = await ServeAsync(sum) };
            var port = new Uri(world._web.Urls.First()).Port;
            world.Worker = await BootedWorker.BootAsync(host =>
            {
                // A name that this side's resolver knows and the worker's does not.
                world.Runner = WorkerLayout.RunnerSetup(new Uri($"http://{Dns.GetHostName()}:{port}/"), DockerUse.Own);
                var bootstrap = new BootstrapSettings { RunnerMirror = new Uri($"http://{host}:{port}/releases"), Run = run };
                var limits = new ProviderCapabilities(packed ? 10000 : 16384, AcceptsGzip: packed);
                world._connector = new SshConnector(
                    new SshSettings
                    {
                        Key = SshBench.Client,
                        User = user,
                        KeepaliveInterval = TimeSpan.FromSeconds(1),
                        KeepaliveTimeout = TimeSpan.FromSeconds(8),
                        ConnectTimeout = TimeSpan.FromSeconds(10),
                    }, bootstrap, world.Runner, limits, NullLogger<SshConnector>.Instance);
                world.Seed = world._connector.SeedAsync("w-1", default).GetAwaiter().GetResult();
                return world.Seed.UserData.Reveal();
            });
            return world;
        }

        public async Task<IWorkerSession> ConnectAsync()
        {
            try
            {
                return await _connector.ConnectAsync(new WorkerEndpoint("w-1", "i-1", [Worker.Address], Seed.HostKey), default);
            }
            catch (SessionException e)
            {
                throw new InvalidOperationException($"{e.Message}\n{Worker.Said()}", e);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Worker.DisposeAsync();
            await _web.DisposeAsync();
        }

        private static async Task<WebApplication> ServeAsync(string sum)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://0.0.0.0:0");
            var app = builder.Build();
            app.Map("/releases/v12.10.1/{file}", (string file) => file.EndsWith(".sha256", StringComparison.Ordinal)
                ? $"{sum}  {file[..^7]}\n"
                : FirstBootTests.Runner);
            app.Map("/{**path}", (HttpRequest request) => request.Path.Value);
            await app.StartAsync();
            return app;
        }
    }
}
