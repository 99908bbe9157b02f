using FjBellows.Daemon.Configuration;
using FjBellows.Ssh;
using static FjBellows.Tests.Configuration.ConfigFixture;

namespace FjBellows.Tests.Configuration;

/// <summary>What is offered to a worker's sshd, and whether it is born with a host key.</summary>
public class SshKeysTests
{
    [Fact]
    public void What_is_offered_can_be_chosen()
    {
        var ssh = Read(Minimal + "\n  ciphers: [aes256-ctr, aes256-gcm@openssh.com]\n  key_exchanges:\n  - ecdh-sha2-nistp256\n").Ssh;

        ssh.Ciphers.ShouldBe(["aes256-ctr", "aes256-gcm@openssh.com"]);
        ssh.KeyExchanges.ShouldBe(["ecdh-sha2-nistp256"]);
        ssh.SeedHostKey.ShouldBeTrue();
    }

    [Fact]
    public void What_is_offered_otherwise_is_known()
    {
        SshAlgorithms.DefaultKeyExchanges.ShouldBeSubsetOf(SshAlgorithms.KeyExchanges);
        SshAlgorithms.DefaultCiphers.ShouldBeSubsetOf(SshAlgorithms.Ciphers);
    }

    [Theory]
    [InlineData("ciphers: [aes256-gcm@openssh.com, aes256-ctl]", "config.yaml:12:37", "not a known cipher", "did you mean aes256-ctr?")]
    [InlineData("ciphers: [rot13]", "config.yaml:12:13", "'rot13'", "known are ")]
    [InlineData("ciphers: []", "config.yaml:12:12", "is empty", "leave the key out")]
    [InlineData("ciphers: aes256-ctr", "config.yaml:12:12", "expected a list", "[first, second]")]
    [InlineData("ciphers: [aes256-ctr, aes256-ctr]", "config.yaml:12:25", "twice", "second one")]
    [InlineData("key_exchanges: [curve25519]", "config.yaml:12:19", "key exchange", "known are ")]
    [InlineData("seed_host_key: maybe", "config.yaml:12:18", "expected true or false", "without quotes")]
    public void What_cannot_be_offered_is_reported_with_its_place_and_a_remedy(string line, string place, string message, string fix)
    {
        var error = Error(Minimal + "\n  " + line + "\n");

        error.Place.ShouldBe(place);
        error.Key.ShouldBe("ssh." + line.Split(':')[0]);
        error.Message.ShouldContain(message);
        error.Fix.ShouldContain(fix);
    }

    [Fact]
    [Trait("Invariant", "S2")]
    public void Trust_on_first_use_is_warned_about()
    {
        var loaded = Load(Minimal + "\n  seed_host_key: false\n");

        loaded.Config.ShouldNotBeNull().Ssh.SeedHostKey.ShouldBeFalse();
        var warning = loaded.Findings.ShouldHaveSingleItem();
        warning.Severity.ShouldBe(Severity.Warning);
        warning.Key.ShouldBe("ssh.seed_host_key");
    }
}
