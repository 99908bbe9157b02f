using System.IO.Compression;
using System.Text;
using FjBellows.Dispatch;
using FjBellows.Providers;
using FjBellows.Ssh.Bootstrap;
using FjBellows.Ssh.HostKeys;

namespace FjBellows.Tests.Ssh;

public class CloudInitTests
{
    private static readonly HostKeyPair Key = HostKeyPair.Generate();
    private static readonly NewWorker Worker = new("ci-w1", "root", Key, ["ssh-ed25519 AAAA me"], "forgejo.example.com");
    private static readonly ProviderCapabilities Portable = new(16384, AcceptsGzip: false);

    [Fact]
    public void The_document_fits_every_cloud_and_holds_the_private_key_once()
    {
        var text = CloudInit.Render(Worker, new BootstrapSettings(), Portable).Reveal();

        text.ShouldStartWith("#cloud-config\n");
        Encoding.UTF8.GetByteCount(text).ShouldBeLessThan(12 * 1024);
        text.Split(Key.PrivateKey.Reveal().Split('\n')[3]).Length.ShouldBe(2);
        text.ShouldContain($"ed25519_public: {Key.PublicKey}");
        text.ShouldNotContain("\r");
    }

    [Fact]
    public void A_document_that_is_too_large_is_refused_with_its_size_unless_it_may_be_packed()
    {
        var settings = new BootstrapSettings { Run = string.Concat(Enumerable.Range(0, 1500).Select(i => $"echo step {i}\n")) };

        var error = Should.Throw<SessionException>(() => CloudInit.Render(Worker, settings, Portable));
        error.Kind.ShouldBe(SessionErrorKind.Misconfigured);
        error.Message.ShouldContain($"has {Encoding.UTF8.GetByteCount(CloudInit.Document(Worker, settings))} bytes");
        error.Message.ShouldContain("16384");

        var packed = CloudInit.Render(Worker, settings, Portable with { AcceptsGzip = true }).Reveal();
        Encoding.UTF8.GetByteCount(packed).ShouldBeLessThanOrEqualTo(16384);
        Unpack(packed).ShouldBe(CloudInit.Document(Worker, settings));
    }

    [Theory]
    [InlineData(4096, "4096")]
    [InlineData(0, "carries no user data")]
    public void A_provider_that_carries_too_little_is_reported(int bytes, string part) =>
        Should.Throw<SessionException>(
            () => CloudInit.Render(Worker, new BootstrapSettings(), new ProviderCapabilities(bytes, false))).Message.ShouldContain(part);

    [Theory]
    [InlineData("Root")]
    [InlineData("a b")]
    [InlineData("x;reboot")]
    [InlineData("")]
    public void A_user_that_Linux_would_not_take_is_refused(string user) =>
        Should.Throw<SessionException>(() => CloudInit.Document(Worker with { User = user }, new BootstrapSettings())).Kind
            .ShouldBe(SessionErrorKind.Misconfigured);

    [Fact]
    [Trait("Invariant", "S5")]
    public void Values_of_the_configuration_cannot_become_shell()
    {
        foreach (var bad in new[]
        {
            new BootstrapSettings { RunnerVersion = "12; reboot" },
            new BootstrapSettings { Packages = ["git; reboot"] },
            new BootstrapSettings { Packages = ["-oAPT::Hook=x"] },
            new BootstrapSettings { RunnerMirror = new Uri("ftp://mirror") },
            new BootstrapSettings { Run = "echo \u0007" },
        })
        {
            Should.Throw<SessionException>(() => CloudInit.Document(Worker, bad)).Kind.ShouldBe(SessionErrorKind.Misconfigured);
        }

        CloudInit.Document(Worker, new BootstrapSettings { RunnerMirror = new Uri("https://mirror/it's") })
            .ShouldContain(@"download='https://mirror/it'\''s/v12");
    }

    [Theory]
    [InlineData("https://mirror.example.com/runner", "=https")]
    [InlineData("http://10.0.0.1/runner", "=https,http")]
    public void A_download_leaves_https_only_where_it_did_not_begin_with_it(string mirror, string redirects) =>
        CloudInit.Document(Worker, new BootstrapSettings { RunnerMirror = new Uri(mirror) }).ShouldContain($"redirects='{redirects}'\n");

    [Fact]
    public void A_root_worker_and_another_users_worker_differ_in_what_they_need()
    {
        CloudInit.Document(Worker, new BootstrapSettings()).ShouldContain("disable_root: false");
        var other = CloudInit.Document(Worker with { User = "runner", HostKey = null }, new BootstrapSettings());
        other.ShouldContain("disable_root: true");
        other.ShouldContain("- name: runner");
        other.ShouldNotContain("ssh_keys:");
    }

    private static string Unpack(string packed)
    {
        var body =
            packed[(packed.IndexOf("base64\n\n", StringComparison.Ordinal) + 8)..packed.IndexOf("\n--fjb--", StringComparison.Ordinal)];
        using var gzip = new GZipStream(new MemoryStream(Convert.FromBase64String(body)), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        return reader.ReadToEnd();
    }

    [Theory]
    [InlineData("/opt/ci/forgejo-runner", false, "/opt/ci/forgejo-runner")]
    [InlineData("/opt/ci/forgejo-runner", true, "/opt/ci/forgejo-runner")]
    [InlineData("forgejo-runner", true, "forgejo-runner")]
    [InlineData("forgejo-runner", false, "/usr/local/bin/forgejo-runner")]
    public void The_runner_goes_where_it_is_looked_for_later(string path, bool prepared, string expected)
    {
        var text = CloudInit.Render(Worker, new BootstrapSettings { RunnerPath = path, PreparedImage = prepared }, Portable).Reveal();
        text.ShouldContain($"runner='{expected}'");
    }
}
