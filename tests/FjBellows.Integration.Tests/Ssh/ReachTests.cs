using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FjBellows.Providers;
using FjBellows.Ssh;
using FjBellows.Ssh.Bootstrap;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>Whether a worker's jobs go to Forgejo by themselves or through the tunnel.</summary>
[Collection(CountedAlone.Name)]
[Needs(Part.Sshd)]
public class ReachTests
{
    [Theory]
    [InlineData(ForgejoReach.Tunnel, true, false)]
    [InlineData(ForgejoReach.Direct, false, true)]
    [InlineData(ForgejoReach.Auto, true, true)]
    [InlineData(ForgejoReach.Auto, false, false)]
    public async Task The_tunnel_is_opened_where_it_is_needed(ForgejoReach reach, bool forgejoAnswers, bool direct)
    {
        await using var bench = await SshBench.StartAsync(change: s => s with { Reach = reach, HostsOverride = false });
        await using var forgejo = forgejoAnswers ? await ForgejoAsync(bench) : null;
        var url = new Uri($"https://{SshBench.ForgejoAddress}:{bench.ForgejoPort}");
        var log = new CollectingLogger<SshConnector>();
        var connector = new SshConnector(
            bench.Settings, new BootstrapSettings(), bench.Runner with { ForgejoUrl = url.AbsoluteUri.TrimEnd('/') },
            new ProviderCapabilities(16384, true), log);

        await using var session = await connector.ConnectAsync(bench.Host.Endpoint(), CancellationToken.None);

        // The tunnel listens on the worker's loopback, which is this machine's.
        var listens =
            (await session.ExecAsync(
                $"grep -qi '0100007F:{bench.ForgejoPort:X4} ' /proc/net/tcp && echo tunnel || echo none", CancellationToken.None)).Output
                    .Trim();
        listens.ShouldBe(direct ? "none" : "tunnel");
    }

    [Fact]
    public async Task Plain_http_is_left_to_the_tunnel()
    {
        ForgejoReachRule.AsksWorker(ForgejoReach.Auto, new Uri("http://forge.lan:3000")).ShouldBeFalse();
        await using var bench = await SshBench.StartAsync(change: s => s with { Reach = ForgejoReach.Auto });

        await using var session = await bench.ConnectAsync();

        (await session.ExecAsync(
            $"grep -qi '0100007F:{bench.ForgejoPort:X4} ' /proc/net/tcp && echo tunnel || echo none", CancellationToken.None)).Output.Trim()
                .ShouldBe("tunnel");
    }

    private static async Task<WebApplication> ForgejoAsync(SshBench bench)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=forgejo", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost
            .ConfigureKestrel(
                k => k.Listen(System.Net.IPAddress.Parse(SshBench.ForgejoAddress), bench.ForgejoPort, l => l.UseHttps(certificate)));
        var app = builder.Build();
        app.MapGet("/api/v1/version", () => Results.Text("{\"version\":\"16.0.0\"}", "application/json"));
        await app.StartAsync();
        return app;
    }
}
