using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control;
using FjBellows.Daemon.Control.Client;
using FjBellows.Integration.Tests.Control;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Integration.Tests.Forgejo;

namespace FjBellows.Integration.Tests.Hostile;

/// <summary>What other users of the host, a proxy, or whoever reaches the port can try on the control plane and its clients.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ControlAttackTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("fjb-attack-").FullName;

    private string SocketPath => Path.Combine(_directory, "control.sock");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task Another_user_of_the_host_gets_no_shell_from_a_loopback_port()
    {
        await using var scene = await ControlScene.StartAsync(token: null, socket: SocketPath);
        scene.Pool.Status = scene.Pool.Status! with { Workers = [ControlScene.Worker("ci-a")] };

        using var answer = await scene.SendAsync(HttpMethod.Post, "/api/v1/exec", """{"worker":"ci-a","command":"id"}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("unix socket");
        scene.Pool.Told.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task The_daemons_own_user_needs_no_token_on_its_socket_and_is_named_in_the_log()
    {
        await using var scene = await ControlScene.StartAsync(token: null, socket: SocketPath);
        using var output = new StringWriter();
        using var error = new StringWriter();

        (await CommandLine.InvokeAsync(["pause", "--control-socket", SocketPath], output, error)).ShouldBe(0, error.ToString());

        scene.Log.Text.ShouldContain($"{Environment.UserName} (");
        scene.Log.Text.ShouldContain($"process {Environment.ProcessId}");
        File.GetUnixFileMode(SocketPath).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task A_socket_in_use_is_not_taken_away_and_a_file_of_its_name_is_not_deleted()
    {
        await using var first = await ControlScene.StartAsync(socket: SocketPath);
        (await Should.ThrowAsync<IOException>(() => ControlScene.StartAsync(socket: SocketPath))).Message
            .ShouldContain("another fj-bellows listens there");

        var file = Path.Combine(_directory, "notes");
        await File.WriteAllTextAsync(file, "kept");
        await Should.ThrowAsync<IOException>(() => ControlScene.StartAsync(socket: file));
        (await File.ReadAllTextAsync(file)).ShouldBe("kept");
    }

    [Theory]
    [InlineData("xn--")]
    [InlineData("xn--a")]
    [InlineData("xn--zzzzzzzzzzzz99999")]
    [InlineData("[::1")]
    public async Task A_broken_host_name_is_refused_without_a_stack_trace(string host)
    {
        await using var scene = await ControlScene.StartAsync();
        using var answer = await scene.SendAsync(HttpMethod.Get, "/api/v1/pools", headers: ("Host", host));

        ((int)answer.StatusCode).ShouldBeOneOf(400, 421);
        scene.Log.Text.ShouldNotContain("   at ");
        scene.Log.Text.ShouldNotContain("failed");
    }

    [Fact]
    [Trait("Invariant", "S11")]
    public async Task Idle_connections_of_one_caller_keep_nobody_else_out()
    {
        await using var scene = await ControlScene.StartAsync(socket: SocketPath);
        var held = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 1_005; i++)
            {
                var client = new TcpClient();
                held.Add(client);
                try
                {
                    await client.ConnectAsync(IPAddress.Loopback, scene.Url.Port);
                }
                catch (SocketException)
                {
                    // Closed faster than it was opened.
                }
            }

            using var output = new StringWriter();
            using var error = new StringWriter();
            (await CommandLine.InvokeAsync(["health", "--control-socket", SocketPath], output, error)).ShouldBe(0, error.ToString());

            var since = Stopwatch.StartNew();
            while (held.Count(IsOpen) > CallerLimits.Connections)
            {
                since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30), $"{held.Count(IsOpen)} connections are open");
                await Task.Delay(50);
            }
        }
        finally
        {
            held.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    [Trait("Invariant", "S11")]
    public async Task A_request_whose_headers_never_end_is_ended()
    {
        await using var scene = await ControlScene.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, scene.Url.Port);
        await client.GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "u8.ToArray());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        var buffer = new byte[4096];
        var read = await client.GetStream().ReadAsync(buffer, limit.Token);

        if (read > 0)
        {
            Encoding.ASCII.GetString(buffer, 0, read).ShouldContain("408");
        }
    }

    [Fact]
    [Trait("Invariant", "S11")]
    public async Task Streams_of_a_caller_without_a_token_are_limited()
    {
        await using var scene = await ControlScene.StartAsync(token: null);
        var streams = new List<HttpResponseMessage>();
        try
        {
            for (var i = 0; i < CallerLimits.Streams; i++)
            {
                streams.Add(
                    await scene.Http.GetAsync(new Uri("/api/v1/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead));
            }

            streams.ShouldAllBe(s => s.StatusCode == HttpStatusCode.OK);
            using var more = await scene.Http.GetAsync(new Uri("/api/v1/logs", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            more.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            using var list = await scene.Http.GetAsync(new Uri("/api/v1/events?follow=false", UriKind.Relative));
            list.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            streams.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    [Trait("Invariant", "S12")]
    public async Task A_proxy_never_sees_the_token_for_an_address_of_this_host()
    {
        await using var scene = await ControlScene.StartAsync();
        await using var proxy = await CannedServer.AlwaysAsync(200, "{}");
        using var client = DaemonProcess.Start(
            ["status", "-control-listen", scene.Url.AbsoluteUri, "-control-token-file", scene.TokenFile!],
            new Dictionary<string, string?>
            {
                ["HTTP_PROXY"] = proxy.Url.AbsoluteUri,
                ["http_proxy"] = proxy.Url.AbsoluteUri,
                ["ALL_PROXY"] = proxy.Url.AbsoluteUri,
                ["NO_PROXY"] = null,
                ["no_proxy"] = null,
            });

        (await client.ExitAsync()).ShouldBe(0, client.Error);

        proxy.Requests.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "S12")]
    public async Task A_proxy_never_sees_forgejos_token_for_an_address_of_this_host()
    {
        await using var forgejo = await CannedServer.AlwaysAsync(200, "[]");
        await using var proxy = await CannedServer.AlwaysAsync(200, "[]");
        using var files = new DaemonFiles();
        files.Write(
            "config.yaml",
            File.ReadAllText(files.Config)
                .Replace("http://127.0.0.1:9\"", forgejo.Url.AbsoluteUri.TrimEnd('/') + "\"", StringComparison.Ordinal));
        using var daemon = DaemonProcess.Start(
            files.Arguments,
            new Dictionary<string, string?>
            {
                ["HTTP_PROXY"] = proxy.Url.AbsoluteUri,
                ["http_proxy"] = proxy.Url.AbsoluteUri,
                ["ALL_PROXY"] = proxy.Url.AbsoluteUri,
                ["NO_PROXY"] = null,
                ["no_proxy"] = null,
            });

        for (var since = Stopwatch.StartNew(); forgejo.Requests.IsEmpty; await Task.Delay(50))
        {
            since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60), $"{proxy.Requests.Count} requests at the proxy\n{daemon.Error}");
        }

        proxy.Requests.ShouldAllBe(r => !r.Authorization.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Invariant", "S12")]
    public async Task The_token_does_not_follow_a_redirect()
    {
        await using var thief = await CannedServer.AlwaysAsync(200, "{}");
        await using var daemon = await CannedServer.AlwaysAsync(307, "", headers: ("Location", thief.Url.AbsoluteUri + "api/v1/pause"));
        using var client = new ControlClient(new ControlTarget(daemon.Url, new Secret(ControlScene.Token)));

        await Should
            .ThrowAsync<CommandException>(
                () => client.GetAsync(
                    "api/v1/health", FjBellows.Daemon.Control.Api.ControlJson.Default.HealthInfo, CancellationToken.None));

        daemon.Requests.ShouldHaveSingleItem();
        thief.Requests.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "S12")]
    public void Whoever_squats_on_the_usual_port_is_not_shown_the_token()
    {
        var token = Path.Combine(_directory, "token");
        File.WriteAllText(token, ControlScene.Token);

        Target(["status", "-control-token-file", token, "--state", _directory]).Token.ShouldBeNull();
        Target(["status", "-control-token-file", token, "-control-listen", "127.0.0.1:9876"]).Token.ShouldNotBeNull();
        File.WriteAllText(SocketPath, "");
        Target(["status", "-control-token-file", token, "--state", _directory]).Socket.ShouldBe(SocketPath);

        static ControlTarget Target(string[] args)
        {
            var flags = new DaemonFlags();
            var root = new System.CommandLine.RootCommand();
            flags.AddTo(root);
            root.Subcommands.Add(new System.CommandLine.Command("status"));
            return DaemonAddress.Of(root.Parse(args), flags, _ => null);
        }
    }

    [Fact]
    [Trait("Invariant", "S11")]
    public async Task An_answer_without_end_does_not_fill_the_clients_memory()
    {
        await using var daemon = await CannedServer.StartAsync(async (context, server) =>
        {
            context.Response.ContentType = "application/json";
            var block = new byte[1024 * 1024];
            Array.Fill(block, (byte)' ');
            for (var i = 0; i < 4096 && !context.RequestAborted.IsCancellationRequested; i++)
            {
                await context.Response.Body.WriteAsync(block, context.RequestAborted);
            }
        });
        using var client = new ControlClient(new ControlTarget(daemon.Url));

        var failure =
            await Should
                .ThrowAsync<CommandException>(
                    () => client.GetAsync(
                        "api/v1/pools", FjBellows.Daemon.Control.Api.ControlJson.Default.IReadOnlyListPoolInfo, CancellationToken.None));

        failure.Message.ShouldContain("no daemon answers");
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task A_demo_has_a_token_of_its_own_that_others_cannot_read()
    {
        var state = Path.Combine(_directory, "demo");
        using var demo = DaemonProcess.Start("demo", "--jobs", "1", "--max", "1", "--state", state);
        var file = Path.Combine(state, "control-token");
        for (var since = Stopwatch.StartNew(); !demo.Output.Contains("the control plane is http", StringComparison.Ordinal);
        await Task.Delay(50))
        {
            since.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(120), demo.Output + demo.Error);
        }

        var url = new Uri(
            System.Text.RegularExpressions.Regex.Match(demo.Output, @"the control plane is (http://[0-9.:]+)").Groups[1].Value);
        using var http = new HttpClient { BaseAddress = url };
        using var content = new StringContent("{}", Encoding.UTF8, "application/json");
        (await http.PostAsync(new Uri("/api/v1/pause", UriKind.Relative), content)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);

        http.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(file)).Trim());
        using var again = new StringContent("{}", Encoding.UTF8, "application/json");
        (await http.PostAsync(new Uri("/api/v1/reconcile", UriKind.Relative), again)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await demo.SignalAsync("INT");
        await demo.ExitAsync();
    }

    private static bool IsOpen(TcpClient client)
    {
        try
        {
            return client.Connected && !(client.Client.Poll(0, SelectMode.SelectRead) && client.Client.Available == 0);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
