using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FjBellows.Ssh;
using FjBellows.Ssh.Bootstrap;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>The bootstrap's own download line, against a mirror that sends it elsewhere.</summary>
[Needs(Part.Curl)]
public sealed class BootstrapDownloadTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fjb-mirror-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("https", "https", true)]
    [InlineData("https", "http", false)]
    [InlineData("http", "http", true)]
    [InlineData("http", "https", true)]
    public async Task A_redirect_never_leads_from_https_to_http(string mirror, string elsewhere, bool works)
    {
        await using var web = await ServeAsync();
        var from = web.Urls.Single(url => url.StartsWith(mirror + ":", StringComparison.Ordinal));
        var document = CloudInit.Document(
            new NewWorker("w-1", "root", null, ["ssh-ed25519 AAAA"], null), new BootstrapSettings { RunnerMirror = new Uri(from) });
        var redirects = document.Split('\n').Single(line => line.Trim().StartsWith("redirects=", StringComparison.Ordinal)).Trim();
        var fetch = RemoteScript.Text("bootstrap.sh").Split('\n').Single(line => line.StartsWith("fetch()", StringComparison.Ordinal));
        var target = Path.Combine(_directory.FullName, "runner");

        var (code, output) = await Command.TryAsync(
            "sh", "-c", $"export CURL_CA_BUNDLE={_directory.FullName}/ca.pem\n{redirects}\n{fetch}\nfetch {from}/to/{elsewhere} {target}");

        (code == 0).ShouldBe(works, output);
        (File.Exists(target) && File.ReadAllText(target) == "the runner").ShouldBe(works);
    }

    private async Task<WebApplication> ServeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mirror", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "ca.pem"), certificate.ExportCertificatePem());

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        var app = builder.Build();
        app.Map("/to/{scheme}", (string scheme) => Results.Redirect(
            app.Urls.Single(url => url.StartsWith(scheme + ":", StringComparison.Ordinal)) + "/runner"));
        app.Map("/runner", () => "the runner");
        await app.StartAsync();
        return app;
    }
}
