using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FjBellows.Forgejo;
using FjBellows.Jobs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using static FjBellows.Integration.Tests.Forgejo.ForgejoFixture;

namespace FjBellows.Integration.Tests.Forgejo;

/// <summary>A Forgejo whose certificate comes from a private authority.</summary>
public sealed class AuthorityTests : IDisposable
{
    private readonly X509Certificate2 _authority = Authority("CN=house");

    public void Dispose() => _authority.Dispose();

    [Fact]
    [Trait("Invariant", "S12")]
    public async Task An_authority_that_is_named_is_trusted_and_another_is_not()
    {
        await using var server = await StartAsync("127.0.0.1");
        using var other = Authority("CN=other");

        using var trusting = Client(server, _authority);
        using var strict = Client(server, null);
        using var mistaken = Client(server, other);

        (await trusting.ListAsync(CancellationToken.None)).ShouldBeEmpty();
        (await FailureAsync(() => strict.ListAsync(CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.Unreachable);
        (await FailureAsync(() => mistaken.ListAsync(CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.Unreachable);
    }

    [Fact]
    [Trait("Invariant", "S12")]
    public async Task A_certificate_for_another_host_is_refused_even_from_a_named_authority()
    {
        await using var server = await StartAsync("127.0.0.9");
        using var client = Client(server, _authority);

        (await FailureAsync(() => client.ListAsync(CancellationToken.None))).Kind.ShouldBe(ForgejoErrorKind.Unreachable);
    }

    private static ForgejoClient Client(WebApplication server, X509Certificate2? authority) => new(new ForgejoSettings
    {
        Url = new Uri(server.Urls.Single()),
        Token = new Secret(Token),
        Scope = ForgejoScope.Parse("orgs/acme"),
        Labels = LabelSet.Parse(["docker"]),
        TrustedAuthorities = authority is null ? null : new X509Certificate2Collection(authority),
    });

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private async Task<WebApplication> StartAsync(string address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=forgejo", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse(address));
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(_authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3, 4]);
        using var whole = signed.CopyWithPrivateKey(key);
        var certificate = X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("null"));
        await app.StartAsync();
        return app;
    }
}
