using FjBellows.Dispatch;
using FjBellows.Ssh;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>Images whose sshd speaks less than this side does by default.</summary>
[Needs(Part.Sshd)]
public class NegotiationTests
{
    [Fact]
    [Trait("Invariant", "S1")]
    public async Task A_worker_with_one_other_cipher_is_reached_once_it_is_configured()
    {
        await using var bench = await SshBench.StartAsync("Ciphers aes256-ctr");

        var error = await Should.ThrowAsync<SessionException>(bench.ConnectAsync);

        error.Kind.ShouldBe(SessionErrorKind.Misconfigured);
        error.Message.ShouldContain("it offers aes256-ctr, this side aes256-gcm@openssh.com");
        error.Message.ShouldContain("ssh.ciphers");
        var connector = bench.Connector(bench.Settings with { Ciphers = ["aes256-gcm@openssh.com", "aes256-ctr"] });
        await using var session = await connector.ConnectAsync(bench.Host.Endpoint(), default);
        session.HostKey.ShouldBe(bench.Host.Key.PublicKey);
        (await session.ExecAsync("echo reached", default)).Output.ShouldBe("reached\n");
    }

    [Fact]
    public async Task A_worker_with_another_key_exchange_is_reached_once_it_is_configured()
    {
        await using var bench = await SshBench.StartAsync("KexAlgorithms ecdh-sha2-nistp256");

        var error = await Should.ThrowAsync<SessionException>(bench.ConnectAsync);

        error.Kind.ShouldBe(SessionErrorKind.Misconfigured);
        error.Message.ShouldContain("it offers ecdh-sha2-nistp256");
        error.Message.ShouldContain($"this side {string.Join(", ", SshAlgorithms.DefaultKeyExchanges)}");
        error.Message.ShouldContain("ssh.key_exchanges");
        var connector = bench.Connector(bench.Settings with { KeyExchanges = ["ecdh-sha2-nistp256"] });
        await using var session = await connector.ConnectAsync(bench.Host.Endpoint(), default);
        (await session.ExecAsync("echo reached", default)).Output.ShouldBe("reached\n");
    }

    [Fact]
    public async Task Without_a_common_MAC_the_worker_s_offer_is_reported()
    {
        await using var bench = await SshBench.StartAsync("Ciphers aes256-ctr\nMACs umac-64@openssh.com");

        var error = await Should.ThrowAsync<SessionException>(
            () => bench.Connector(bench.Settings with { Ciphers = ["aes256-ctr"] }).ConnectAsync(bench.Host.Endpoint(), default));

        error.Kind.ShouldBe(SessionErrorKind.Misconfigured);
        error.Message.ShouldContain("umac-64@openssh.com");
    }
}
