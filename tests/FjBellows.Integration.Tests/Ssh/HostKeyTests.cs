using System.Net;
using System.Net.Sockets;
using System.Text;
using FjBellows.Dispatch;
using FjBellows.Ssh.HostKeys;

namespace FjBellows.Integration.Tests.Ssh;

[Trait("Invariant", "S1")]
[Needs(Part.Sshd, Part.SshKeygen)]
public class HostKeyTests
{
    [Fact]
    public async Task A_pinned_worker_is_reached_and_shows_its_key()
    {
        await using var bench = await SshBench.StartAsync();

        await using var session = await bench.ConnectAsync();

        session.HostKey.ShouldBe(bench.Host.Key.PublicKey);
        (await session.ExecAsync("echo hello", default)).Output.ShouldBe("hello\n");
    }

    [Fact]
    public async Task Another_key_ends_the_first_dial_before_the_user_is_even_named()
    {
        await using var bench = await SshBench.StartAsync();
        await using var tap = new Tap(bench.Host.Address, SshdHost.Port);
        var endpoint = bench.Host.Endpoint() with { HostKey = HostKeyPair.Generate().PublicKey, Addresses = [tap.Address] };

        var error =
            await Should
                .ThrowAsync<SessionException>(
                    () => bench.Connector(bench.Settings with { Port = tap.Port }).ConnectAsync(endpoint, default));

        error.Kind.ShouldBe(SessionErrorKind.HostKeyMismatch);
        error.Message.ShouldContain("SHA256:");
        var bytes = tap.Sent().ShouldHaveSingleItem();
        Tap.Messages(bytes).ShouldNotContain(21, "nothing may be sent encrypted");
        var sent = Encoding.Latin1.GetString(bytes);
        sent.ShouldStartWith("SSH-2.0-");
        sent.Length.ShouldBeLessThan(4096);
        sent.ShouldNotContain("ssh-userauth");
        sent.ShouldNotContain("ssh-connection");
        sent.ShouldNotContain("ecdsa-sha2", customMessage: "only ssh-ed25519 may be offered");
        sent.ShouldNotContain("rsa-sha2");
    }

    [Fact]
    public async Task Another_key_after_a_reconnect_is_refused_as_well()
    {
        await using var bench = await SshBench.StartAsync();
        await using (await bench.ConnectAsync())
        {
        }

        var address = bench.Host.Address;
        await bench.Host.SignalAsync("KILL");
        await using var impostor = await SshdHost.StartAsync(SshBench.Client.PublicKey, address: address);

        var error = await Should.ThrowAsync<SessionException>(bench.ConnectAsync);

        error.Kind.ShouldBe(SessionErrorKind.HostKeyMismatch);
    }

    [Fact]
    public async Task A_host_without_a_key_of_the_pinned_type_is_refused()
    {
        var directory = Directory.CreateTempSubdirectory("fjb-rsa-");
        var rsa = Path.Combine(directory.FullName, "rsa");
        await Command.RunAsync(PartCatalog.PathOf(Part.SshKeygen), "-q", "-t", "rsa", "-N", "", "-f", rsa);
        await using var host = await SshdHost.StartAsync(SshBench.Client.PublicKey, hostKeyFile: rsa);
        await using var bench = await SshBench.StartAsync();

        var error = await Should.ThrowAsync<SessionException>(
            () => bench.Connector().ConnectAsync(host.Endpoint() with { HostKey = HostKeyPair.Generate().PublicKey }, default));

        error.Kind.ShouldBe(SessionErrorKind.HostKeyMismatch);
        error.Message.ShouldContain("it offers rsa-sha2-512");
        directory.Delete(recursive: true);
    }

    [Fact]
    [Trait("Invariant", "S2")]
    public async Task Without_a_pin_the_first_key_is_reported_to_be_pinned_and_warned_about()
    {
        await using var bench = await SshBench.StartAsync();
        var log = new CollectingLogger<FjBellows.Ssh.SshConnector>();
        var connector = new FjBellows.Ssh.SshConnector(
            bench.Settings, new(), bench.Runner, new(16384, true), log);

        await using (var session = await connector.ConnectAsync(bench.Host.Endpoint() with { HostKey = null }, default))
        {
            session.HostKey.ShouldBe(bench.Host.Key.PublicKey);
        }

        log.Warnings.ShouldHaveSingleItem().ShouldContain(bench.Host.Key.PublicKey);
        await using var again = await bench.Connector().ConnectAsync(bench.Host.Endpoint(), default);
        log.Warnings.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_client_key_is_told_apart()
    {
        await using var bench = await SshBench.StartAsync();
        var stranger = FjBellows.Ssh.ClientKey.Parse(HostKeyPair.Generate().PrivateKey, null, "a stranger's");

        var error = await Should.ThrowAsync<SessionException>(
            () => bench.Connector(bench.Settings with { Key = stranger }).ConnectAsync(bench.Host.Endpoint(), default));

        error.Kind.ShouldBe(SessionErrorKind.AuthenticationFailed);
    }

    [Fact]
    public async Task Addresses_are_tried_in_order_until_one_answers()
    {
        await using var bench = await SshBench.StartAsync();
        var endpoint = bench.Host.Endpoint() with { Addresses = ["127.41.0.1", "::1", bench.Host.Address] };

        await using var session = await bench.Connector().ConnectAsync(endpoint, default);

        session.Lost.IsCompleted.ShouldBeFalse();
        var error = await Should.ThrowAsync<SessionException>(
            () => bench.Connector().ConnectAsync(endpoint with { Addresses = ["127.41.0.1"] }, default));
        error.Kind.ShouldBe(SessionErrorKind.Unreachable);
        error.Message.ShouldContain("127.41.0.1");
    }

    [Fact]
    public async Task A_dial_that_nobody_answers_ends_in_time_and_on_request()
    {
        await using var bench = await SshBench.StartAsync(change: s => s with { ConnectTimeout = TimeSpan.FromSeconds(1) });
        var address = $"127.44.{Environment.ProcessId % 250}.1";
        using var mute = new TcpListener(IPAddress.Parse(address), SshdHost.Port);
        mute.Start();
        var endpoint = bench.Host.Endpoint() with { Addresses = [address] };

        var error =
            await Should
                .ThrowAsync<SessionException>(() => bench.Connector().ConnectAsync(endpoint, default).WaitAsync(TimeSpan.FromMinutes(2)));
        error.Kind.ShouldBe(SessionErrorKind.Unreachable);

        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await Should.ThrowAsync<OperationCanceledException>(
            () => bench.Connector(bench.Settings with { ConnectTimeout = TimeSpan.FromMinutes(1) }).ConnectAsync(endpoint, cancel.Token)
                .WaitAsync(TimeSpan.FromMinutes(2)));
    }
}
