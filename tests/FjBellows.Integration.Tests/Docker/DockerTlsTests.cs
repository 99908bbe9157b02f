using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FjBellows.Daemon.Demo;
using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Providers.Docker;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>An engine that listens on TCP behind TLS and lets nobody in without a certificate.</summary>
[Needs(Part.DockerEngine)]
public sealed class DockerTlsTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-tls-").FullName;
    private readonly int _port = QuietPort.Find(IPAddress.Loopback);
    private DockerHost? _host;

    private DockerHost Host => _host ?? throw new InvalidOperationException("not started");

    public Task InitializeAsync()
    {
        MakeCertificates();
        _host = new DockerHost
        {
            Options =
            [
                "--host", $"tcp://127.0.0.1:{_port}", "--tlsverify", "--tlscacert", At("ca.pem"), "--tlscert", At("server.pem"),
                "--tlskey", At("server-key.pem"),
            ],
        };
        return Host.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task With_its_certificate_a_worker_is_made_and_reached_with_input_and_output()
    {
        var settings = Host.Settings with { Host = new Uri($"tcp://127.0.0.1:{_port}"), TlsDirectory = _directory };
        using var provider = new DockerProvider(settings, new DockerEngine(settings), DockerHost.Runner());
        var instance = await provider.CreateAsync(DockerWorker.Spec(), None);
        using var engine = new DockerEngine(settings);
        await using (var shell = new DockerShell(engine, instance.Id.Value))
        {
            var large = new string('x', 300_000);
            (await shell.RunAsync("cat; exit 5", new Secret(large), None)).ShouldBe(new CommandResult(5, large, ""));
            (await shell.RunAsync("yes | head -c 3000000", new Secret(""), None)).Output.Length.ShouldBe(1024 * 1024);
        }

        await provider.DeleteAsync(instance.Id, instance.Name, None);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task Without_it_nobody_comes_in_and_missing_files_are_reported()
    {
        var settings = Host.Settings with { Host = new Uri($"tcp://127.0.0.1:{_port}") };
        using var provider = new DockerProvider(settings, new DockerEngine(settings), DockerHost.Runner());
        await Should.ThrowAsync<CloudException>(() => provider.ListAsync(DockerWorker.Ownership, None));

        Should.Throw<ArgumentException>(() => new DockerEngine(settings with { TlsDirectory = At("nowhere") })).Message
            .ShouldContain("ca.pem");
    }

    private string At(string name) => Path.Combine(_directory, name);

    private void MakeCertificates()
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var caKey = RSA.Create(2048);
        var caRequest = new CertificateRequest("CN=test authority", caKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(from, to);
        File.WriteAllText(At("ca.pem"), ca.ExportCertificatePem());
        Issue("server", "1.3.6.1.5.5.7.3.1", At("server.pem"), At("server-key.pem"));
        Issue("client", "1.3.6.1.5.5.7.3.2", At("cert.pem"), At("key.pem"));

        void Issue(string name, string usage, string certificateFile, string keyFile)
        {
            using var key = RSA.Create(2048);
            var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
            using var certificate = request.Create(ca, from, to, RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
            File.WriteAllText(keyFile, key.ExportRSAPrivateKeyPem());
        }
    }
}
