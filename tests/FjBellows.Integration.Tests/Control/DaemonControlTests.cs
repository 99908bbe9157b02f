using System.Text.Json;
using System.Text.RegularExpressions;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;
using FjBellows.Integration.Tests.Daemon;
using Forge = FjBellows.Integration.Tests.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Control;

/// <summary>The control plane of a real daemon.</summary>
public sealed partial class DaemonControlTests : IDisposable
{
    private const string Canary = "canary-control-token-1";
    private readonly DaemonFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("Invariant", "S4")]
    public async Task No_secret_leaves_a_daemon_by_any_answer_event_or_log()
    {
        var token = _files.Write("control-token", Canary + "\n");
        using var daemon = DaemonProcess.Start(
            [.. _files.Arguments, "-control-token-file", token, "-enable-control-writes", "--log-level=debug"]);
        var url = await UrlAsync(daemon);
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Canary);
        await daemon.SaysAsync("cannot list jobs");
        foreach (var write in (string[])["pause", "resume", "reconcile", "reload", "provision", "exec"])
        {
            using var answer = await http.PostAsync(
                $"api/v1/{write}",
                new StringContent(
                    write == "exec" ? """{"worker":"x","command":"y"}""" : "{}",
                    new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));
            (await answer.Content.ReadAsStringAsync()).ShouldNotContain("canary");
        }

        foreach (var path in (string[])[
            "api/v1/health", "api/v1/pools", "api/v1/workers", "api/v1/jobs", "api/v1/provider", "api/v1/config",
            "api/v1/events?follow=false", "api/v1/logs?follow=false",
            "api/v1/explain/job/1", "api/v1/explain/worker/x", "metrics", "healthz", "readyz", "openapi/v1.json", "api/v1/nothing"])
        {
            using var answer = await http.GetAsync(path);
            (await answer.Content.ReadAsStringAsync()).ShouldNotContain("canary", customMessage: path);
        }

        await daemon.SignalAsync("TERM");
        (await daemon.ExitAsync()).ShouldBe(0, daemon.Error);
        (daemon.Output + daemon.Error).ShouldNotContain("canary");
    }

    [Fact]
    public async Task Sighup_and_reload_bring_a_file_into_force_or_leave_all_as_it_was()
    {
        using var daemon = DaemonProcess.Start([.. _files.Arguments, "-enable-control-writes"]);
        var url = await UrlAsync(daemon);
        using var http = new HttpClient { BaseAddress = new Uri(url) };
        var first = File.ReadAllText(_files.Config);

        File.WriteAllText(_files.Config, first + "\nscale: {max: 7}\n");
        await daemon.SignalAsync("HUP");
        await daemon.SaysAsync("in force: scale.max");
        (await PoolAsync(7)).ShouldBe(7);

        File.WriteAllText(_files.Config, first.Replace("test-ci", "other-ci", StringComparison.Ordinal) + "\nscale: {max: 9}\n");
        (await CliAsync(["--control-socket", Path.Combine(_files.State, "control.sock")], "reload"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Output.ShouldContain("nothing changed: tag"));
        (await PoolAsync(7)).ShouldBe(7);

        File.WriteAllText(_files.Config, "forgejo: [");
        (await CliAsync(["--control-socket", Path.Combine(_files.State, "control.sock")], "reload"))
            .ShouldSatisfyAllConditions(r => r.Code.ShouldBe(1), r => r.Output.ShouldContain("is invalid"));

        File.WriteAllText(_files.Config, first + "\nscale: {max: 8}\n");
        (await CliAsync(["--control-socket", Path.Combine(_files.State, "control.sock")], "reload")).Code.ShouldBe(0);
        (await PoolAsync(8)).ShouldBe(8);
        (await CliAsync(["--control-socket", Path.Combine(_files.State, "control.sock")], "config")).Output.ShouldMatch(@"scale\.max +8");

        // Traces are off, and then nothing of OpenTelemetry is loaded.
        File.ReadAllText($"/proc/{daemon.Id}/maps").ShouldNotContain("OpenTelemetry");

        async Task<int> PoolAsync(int wanted)
        {
            for (var i = 0; ; i++)
            {
                var pools = JsonSerializer.Deserialize(
                    await http.GetStringAsync("api/v1/pools"), ControlJson.Default.IReadOnlyListPoolInfo)!;
                if (pools is [{ Max: var max }] && (max == wanted || i > 50))
                {
                    return max;
                }

                await Task.Delay(100);
            }
        }
    }

    [Fact]
    public async Task A_taken_address_ends_the_start_with_1_and_says_so()
    {
        using var first = DaemonProcess.Start(_files.Arguments);
        var port = new Uri(await UrlAsync(first)).Port;
        using var others = new DaemonFiles();

        var (code, _, error) = await DaemonProcess.RunAsync(
            "-config", others.Config, "-lock", others.Lock, "--state", others.State, "-control-listen", $"127.0.0.1:{port}");

        code.ShouldBe((int)ExitCode.Failure);
        error.ShouldContain($"the control plane cannot listen on 127.0.0.1:{port}");
        error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task What_was_decided_while_nobody_listened_is_explained_later()
    {
        await using var forge = await Forge.StartAsync();
        _files.Write("config.yaml", $$"""
            forgejo: {url: "{{forge.Server.Url}}", token: {{Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
            tag: explain-ci
            provider: local
            poll: {interval: 1s}
            """);
        var job = forge.Enqueue("true");
        using (var silent = DaemonProcess.Start([.. _files.Arguments[..^1], "off", "-destroy-on-exit"]))
        {
            var since = System.Diagnostics.Stopwatch.StartNew();
            while (!forge.State.Job(job.Id).IsDone)
            {
                since.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(2), silent.Error);
                await Task.Delay(100);
            }

            await silent.SignalAsync("TERM");
            (await silent.ExitAsync()).ShouldBe(0, silent.Error);
        }

        using var daemon = DaemonProcess.Start(_files.Arguments);
        var (code, output) = await CliAsync(["-control-listen", await UrlAsync(daemon)], "explain", $"{job.Id}");

        code.ShouldBe(0, output);
        output.ShouldMatch(@"provisioning explain-ci-\w+: ");
    }

    private static async Task<string> UrlAsync(DaemonProcess daemon)
    {
        await daemon.SaysAsync("control: http://");
        return Address().Match(daemon.Error).Value;
    }

    private static async Task<(int Code, string Output)> CliAsync(string[] address, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await CommandLine.InvokeAsync([.. args, .. address], output, error);
        return (code, output.ToString() + error);
    }

    [GeneratedRegex(@"(?<=control: )http://[0-9.:]+")]
    private static partial Regex Address();
}
