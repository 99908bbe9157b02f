using System.Net;
using System.Net.Sockets;
using FjBellows.Dispatch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Ssh;

[Trait("Invariant", "S6")]
[Collection(CountedAlone.Name)]
[Needs(Part.Sshd)]
public class TunnelTests
{
    [Fact]
    public async Task The_worker_reaches_Forgejo_on_its_own_loopback()
    {
        await using var bench = await SshBench.StartAsync();
        await using var forgejo = await ForgejoAsync(bench);
        await using var session = await bench.ConnectAsync();
        using var worker = Worker(bench);

        (await worker.GetStringAsync("/hello")).ShouldBe("GET /hello 0");
        using var big = new ByteArrayContent(new byte[5_000_000]);
        (await (await worker.PostAsync("/up", big)).Content.ReadAsStringAsync()).ShouldBe("POST /up 5000000");
        (await worker.GetByteArrayAsync("/down")).Length.ShouldBe(5_000_000);
    }

    [Fact]
    public async Task A_thousand_short_connections_leave_neither_threads_nor_descriptors()
    {
        await using var bench =
            await SshBench.StartAsync(change: s => s with { MaxTunnelConnections = 16, TunnelIdleTimeout = TimeSpan.FromSeconds(1) });
        await using var forgejo = await ForgejoAsync(bench);
        await using var session = await bench.ConnectAsync();
        var relay = RelayOf(session);
        var descriptors = Descriptors();
        var threads = Threads();

        for (var batch = 0; batch < 125; batch++)
        {
            // Every second client hangs up by itself, which SSH.NET never tells.
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, bench.ForgejoPort);
                if (i % 2 == 0)
                {
                    await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"u8.ToArray());
                    using var reader = new StreamReader(client.GetStream());
                    (await reader.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 200");
                }
            }));
            relay.Open.ShouldBeLessThanOrEqualTo(16 + 8);
        }

        await SshBench.UntilAsync(() => relay.Open == 0, "the relay is quiet");
        relay.Accepted.ShouldBeGreaterThanOrEqualTo(1000);
        relay.ClosedIdle.ShouldBeGreaterThan(0);
        await SshBench.UntilAsync(() => Descriptors() < descriptors + 40, $"descriptors are back near {descriptors}");
        await SshBench.UntilAsync(() => Threads() < threads + 100, $"threads are back near {threads}", 60);
        using var worker = Worker(bench);
        (await worker.GetStringAsync("/after")).ShouldBe("GET /after 0");
    }

    [Fact]
    public async Task A_Forgejo_that_is_down_costs_that_connection_only()
    {
        await using var bench = await SshBench.StartAsync();
        await using var session = await bench.ConnectAsync();

        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, bench.ForgejoPort);
            var read = client.GetStream().ReadAsync(new byte[1]).AsTask();
            (await read.WaitAsync(TimeSpan.FromMinutes(2))).ShouldBe(0, "the client must see the end, not hang");
        }

        RelayOf(session).DialFailures.ShouldBe(1);
        await using var forgejo = await ForgejoAsync(bench);
        using var worker = Worker(bench);
        (await worker.GetStringAsync("/back")).ShouldBe("GET /back 0");
    }

    [Fact]
    public async Task Where_forwarding_is_refused_no_job_can_start()
    {
        await using var bench = await SshBench.StartAsync("AllowTcpForwarding no");

        var error = await Should.ThrowAsync<SessionException>(bench.ConnectAsync);

        error.Kind.ShouldBe(SessionErrorKind.ForwardRefused);
        error.Message.ShouldContain($"{bench.ForgejoPort}");
        error.Message.ShouldContain("AllowTcpForwarding");
        await SshBench.UntilAsync(() => bench.Host.SessionCount == 0, "the connection is closed");
    }

    [Fact]
    public async Task A_port_held_by_a_stranger_is_reported_and_left_alone()
    {
        await using var bench = await SshBench.StartAsync();
        using var stranger = new TcpListener(IPAddress.Loopback, bench.ForgejoPort);
        stranger.Start();

        var error = await Should.ThrowAsync<SessionException>(bench.ConnectAsync);

        error.Kind.ShouldBe(SessionErrorKind.ForwardRefused);
        error.Message.ShouldContain("held by another process");
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public async Task A_frozen_session_of_ours_gives_its_port_to_the_next_one()
    {
        await using var bench = await SshBench.StartAsync();
        await using var forgejo = await ForgejoAsync(bench);
        await using var frozen = await bench.ConnectAsync();
        await bench.Host.SignalAsync("STOP", sessionsOnly: true);

        await using var session = await bench.ConnectAsync();

        using var worker = Worker(bench);
        (await worker.GetStringAsync("/same-port")).ShouldBe("GET /same-port 0");
    }

    private static FjBellows.Ssh.Tunnel.ForwardRelay RelayOf(IWorkerSession session)
    {
        var shell = (FjBellows.Ssh.SshShell)typeof(ShellWorkerSession)
            .GetField("_shell", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.GetValue(session)!;
        return shell.Tunnel!.Relay;
    }

    private static int Threads() => Directory.GetDirectories("/proc/self/task").Length;

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static HttpClient Worker(SshBench bench) =>
        new() { BaseAddress = new Uri($"http://127.0.0.1:{bench.ForgejoPort}"), Timeout = TimeSpan.FromSeconds(20) };

    private static async Task<WebApplication> ForgejoAsync(SshBench bench)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://{SshBench.ForgejoAddress}:{bench.ForgejoPort}");
        var app = builder.Build();
        app.Map("/down", () => Results.Bytes(new byte[5_000_000]));
        app.Map("/{**path}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            return $"{request.Method} {request.Path} {body.Length}";
        });
        await app.StartAsync();
        return app;
    }
}

/// <summary>Tests that count what the whole process holds: nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CountedAlone
{
    public const string Name = "counted alone";
}
