using FjBellows.Dispatch;
using FjBellows.Ssh.HostKeys;
using FjBellows.Ssh.Tunnel;

namespace FjBellows.Tests.Ssh;

[Trait("Invariant", "S1")]
public class HostKeyTests
{
    [Fact]
    public void Every_worker_has_a_key_of_its_own()
    {
        var keys = Enumerable.Range(0, 20).Select(_ => HostKeyPair.Generate()).ToList();

        keys.Select(key => key.PublicKey).Distinct().Count().ShouldBe(20);
        keys.ShouldAllBe(key => key.PublicKey.StartsWith("ssh-ed25519 AAAA"));
        keys.ShouldAllBe(key => !key.ToString().Contains("PRIVATE"));
    }

    [Fact]
    public void A_pin_matches_its_key_alone_and_offers_its_type_alone()
    {
        var key = HostKeyPair.Generate().PublicKey;
        var pin = HostKeyPin.Parse(key + " with a comment");
        var shown = Convert.FromBase64String(key.Split(' ')[1]);

        pin.Algorithms.ShouldBe(["ssh-ed25519"]);
        pin.Matches(shown).ShouldBeTrue();
        for (var i = 0; i < shown.Length; i++)
        {
            shown[i] ^= 1;
            pin.Matches(shown).ShouldBeFalse();
            shown[i] ^= 1;
        }

        pin.Matches(shown.AsSpan()[..^1]).ShouldBeFalse();
        pin.Matches([]).ShouldBeFalse();
        HostKeyPin.Parse("ssh-rsa AAAAB3NzaC1yc2E=").Algorithms.ShouldNotContain("ssh-rsa", "its signatures are SHA-1");
    }

    [Theory]
    [InlineData("")]
    [InlineData("ssh-ed25519")]
    [InlineData("ssh-ed25519 not/base64!")]
    [InlineData("ssh-ed25519 ====")]
    public void A_pin_that_is_none_is_refused(string text) =>
        Should.Throw<SessionException>(() => HostKeyPin.Parse(text)).Kind.ShouldBe(SessionErrorKind.Misconfigured);

    [Theory]
    [Trait("Invariant", "S7")]
    [InlineData("https://forgejo.example.com", 443, "forgejo.example.com")]
    [InlineData("http://Forgejo.Example.com:3000/sub/", 3000, "forgejo.example.com")]
    [InlineData("http://10.0.0.5:3000", 3000, null)]
    [InlineData("http://[fd00::5]/", 80, null)]
    [InlineData("http://localhost:3000", 3000, null)]
    public void Only_a_name_is_overridden_on_the_worker(string url, int port, string? name)
    {
        var route = ForgejoRoute.Of(new Uri(url));

        route.Port.ShouldBe(port);
        route.NameToOverride.ShouldBe(name);
    }
}
