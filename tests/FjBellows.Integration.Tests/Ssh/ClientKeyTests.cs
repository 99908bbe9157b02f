using FjBellows.Dispatch;
using FjBellows.Ssh;
using FjBellows.Ssh.HostKeys;

namespace FjBellows.Integration.Tests.Ssh;

public class ClientKeyTests
{
    [Theory]
    [Needs(Part.Sshd, Part.SshKeygen)]
    [InlineData("ed25519", null, "")]
    [InlineData("ed25519", null, "pass phrase")]
    [InlineData("rsa", null, "")]
    [InlineData("rsa", "PEM", "")]
    [InlineData("rsa", "PEM", "pass phrase")]
    [InlineData("rsa", "PKCS8", "pass phrase")]
    [InlineData("ecdsa", null, "pass phrase")]
    [InlineData("ecdsa", "PEM", "")]
    public async Task Keys_of_every_kind_log_in(string type, string? form, string passphrase)
    {
        var directory = Directory.CreateTempSubdirectory("fjb-key-");
        var file = Path.Combine(directory.FullName, "key");
        string[] options = form is null ? [] : ["-m", form];
        await Command.RunAsync(PartCatalog.PathOf(Part.SshKeygen), ["-q", "-t", type, "-N", passphrase, "-C", "", "-f", file, .. options]);

        var key = ClientKey.Read(file, new Secret(passphrase));

        key.PublicKey.ShouldBe(File.ReadAllText(file + ".pub").Trim());
        await using var host = await SshdHost.StartAsync(key.PublicKey);
        var settings = new SshSettings { Key = key, User = Environment.UserName, Port = SshdHost.Port };
        await using var link = await SshLink.DialAsync(
            host.Address, settings, HostKeyPin.Parse(host.Key.PublicKey), TimeProvider.System, default);
        link.HostKey.ShouldBe(host.Key.PublicKey);

        if (passphrase.Length > 0)
        {
            Should.Throw<SessionException>(() => ClientKey.Read(file)).Kind.ShouldBe(SessionErrorKind.Misconfigured);
            var wrong = Should.Throw<SessionException>(() => ClientKey.Read(file, new Secret("another")));
            wrong.Kind.ShouldBe(SessionErrorKind.Misconfigured);
            wrong.ToString().ShouldNotContain("another key");
        }

        directory.Delete(recursive: true);
    }

    [Fact]
    public void A_file_that_is_no_key_or_not_there_is_named()
    {
        Should.Throw<SessionException>(() => ClientKey.Read("/nonexistent/id_ed25519")).Message.ShouldContain("/nonexistent/id_ed25519");
        var error = Should.Throw<SessionException>(() => ClientKey.Parse(new Secret("no key at all"), null, "ssh.private_key"));
        error.Kind.ShouldBe(SessionErrorKind.Misconfigured);
        error.Message.ShouldContain("ssh.private_key");
        error.Message.ShouldNotContain("no key at all");
    }

    [Fact]
    [Needs(Part.SshKeygen)]
    public async Task OpenSSH_reads_a_host_key_of_ours()
    {
        var pair = HostKeyPair.Generate();
        var directory = Directory.CreateTempSubdirectory("fjb-key-");
        var file = Path.Combine(directory.FullName, "key");
        await File.WriteAllTextAsync(file, pair.PrivateKey.Reveal());
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        (await Command.RunAsync(PartCatalog.PathOf(Part.SshKeygen), "-y", "-f", file)).Trim().ShouldBe(pair.PublicKey);
        (await Command.RunAsync("ssh-keygen", "-l", "-f", file)).ShouldContain(HostKeyPin.Parse(pair.PublicKey).Fingerprint);
        directory.Delete(recursive: true);
    }
}
