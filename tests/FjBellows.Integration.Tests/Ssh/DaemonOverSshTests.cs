using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using FjBellows.Daemon.Control.Api;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Sandbox.Local;
using FjBellows.Ssh.HostKeys;
using FjBellows.Workers;
using Forge = FjBellows.Integration.Tests.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>The daemon's own process, whose workers are real sshd on addresses of their own.</summary>
[Needs(Part.Sshd)]
public sealed partial class DaemonOverSshTests : IAsyncLifetime, IDisposable
{
    private const int WorkerPort = 22022;
    private static readonly TimeSpan Timeouts = TimeSpan.FromMinutes(4);

    private readonly DaemonFiles _files = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        // What a failed test leaves runs on as a VM does.
        foreach (var listener in LocalSshdProcesses.Below(_files.State))
        {
            await Command.TryAsync("pkill", "-KILL", "-P", listener);
            await Command.TryAsync("kill", "-KILL", listener);
        }
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("Invariant", "S1")]
    [Trait("Invariant", "W13")]
    public async Task Another_key_after_kill_9_and_a_restart_gets_not_one_byte_of_a_token_and_ends_the_worker()
    {
        var sshd = PartCatalog.PathOf(Part.Sshd);
        await using var forge = await Forge.StartAsync();
        Configure(forge);
        WorkerInfo worker;
        using (var killed = DaemonProcess.Start(_files.Arguments))
        {
            var first = forge.Enqueue("echo first");
            await UntilAsync(() => forge.State.Job(first.Id).IsDone, killed);
            worker = await WorkerAsync(killed, w => w is { State: WorkerPhase.Idle, Linked: true });
            await killed.SignalAsync("KILL");
            await killed.ExitAsync();
        }

        // The same machine by name and address, with another key, before which somebody counts. Its sshd would let the daemon in.
        var place = Path.Combine(_files.State, "local", worker.InstanceId!);
        var impostor = await ReplaceAsync(sshd, Path.Combine(place, "sshd"));
        await using var tap = new Tap(worker.Address!, impostor, new IPEndPoint(IPAddress.Parse(worker.Address!), WorkerPort));
        var second = forge.Enqueue("echo second");
        using var daemon = DaemonProcess.Start([.. _files.Arguments, "-drain", "-destroy-on-exit"]);
        await UntilAsync(() => forge.State.Job(second.Id).IsDone && !Directory.Exists(place), daemon);

        tap.Sent().ShouldNotBeEmpty("the daemon must have dialled it");
        foreach (var sent in tap.Sent())
        {
            // KEXINIT, the key exchange, and perhaps a word of farewell: nothing that is encrypted, and no user's name.
            Tap.Messages(sent).ShouldAllBe(kind => kind == 20 || kind == 30 || kind == 1);
            sent.Length.ShouldBeLessThan(4096);
        }

        daemon.Error.ShouldContain($"{worker.Name}");
        daemon.Error.ShouldContain("host key mismatch (expected the key pinned for this worker); no credentials were sent");
        forge.State.Jobs().ShouldAllBe(j => j.Starts == 1);
        (await WorkersAsync(daemon)).ShouldNotContain(w => w.Name == worker.Name);
        await daemon.SignalAsync("TERM");
        (await daemon.ExitAsync()).ShouldBe(0, daemon.Error);
    }

    [Fact]
    [Trait("Invariant", "W14")]
    public async Task A_broken_link_repeats_no_line_of_a_job_s_log()
    {
        await using var forge = await Forge.StartAsync();
        Configure(forge);
        using var daemon = DaemonProcess.Start([.. _files.Arguments, "-drain", "-destroy-on-exit"]);
        var go = _files.At("go");
        var job = forge.Enqueue($"echo begun; while [ ! -e {go} ]; do sleep 0.1; done; echo ended");
        await UntilAsync(() => forge.State.Job(job.Id).Current?.Log.Contains("begun") == true, daemon);
        var log = Directory.GetFiles(Path.Combine(_files.State, "local"), "log", SearchOption.AllDirectories).ShouldHaveSingleItem();
        List<string> once = [];
        await UntilAsync(async () => (once = [.. await LinesAsync(daemon)]).Count > 0, daemon);

        for (var cut = 1; cut <= 2; cut++)
        {
            foreach (var listener in LocalSshdProcesses.Below(_files.State))
            {
                await Command.TryAsync("pkill", "-KILL", "-P", listener);
            }

            await UntilAsync(() => daemon.Error.Split("connection lost").Length > cut, daemon);
            once.Add($"after cut {cut}");
            File.AppendAllText(log, once[^1] + "\n");
            await UntilAsync(async () => (await LinesAsync(daemon)).Contains(once[^1]), daemon);
        }

        File.WriteAllText(go, "");
        await UntilAsync(() => forge.State.Job(job.Id).IsDone, daemon);
        await UntilAsync(() => daemon.Error.Contains(": Completed, ", StringComparison.Ordinal), daemon);
        var lines = await LinesAsync(daemon);
        lines.Length.ShouldBeGreaterThan(once.Count);

        // A runner may say the same twice by itself, as when it reports in vain; these lines were said once.
        foreach (var line in once)
        {
            lines.Count(l => l == line).ShouldBe(1, line);
        }

        await daemon.SignalAsync("TERM");
        (await daemon.ExitAsync()).ShouldBe(0, daemon.Error);
    }

    private void Configure(Forge forge) => _files.Write("config.yaml", $$"""
        forgejo: {url: "{{forge.Server.Url}}", token: {{Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
        tag: ssh-ci
        scale: {max: 2}
        provider: local
        provider_config: {access: ssh, billing: hour, boot_time: 100ms}
        poll: {interval: 1s, billing_hour: 1h, hour_margin: 1m}
        """);

    /// <summary>Ends a worker's sshd and starts one with another host key on another port of its address.</summary>
    private static async Task<int> ReplaceAsync(string sshd, string directory)
    {
        var old = File.ReadAllText(Path.Combine(directory, "pid")).Trim();
        await Command.TryAsync("pkill", "-KILL", "-P", old);
        await Command.RunAsync("kill", "-KILL", old);
        await SshBench.UntilAsync(() => !Directory.Exists($"/proc/{old}"), "the worker's own sshd is gone");
        File.Delete(Path.Combine(directory, "host_key"));
        LocalSshd.WritePrivately(Path.Combine(directory, "host_key"), HostKeyPair.Generate().PrivateKey);
        var config = Path.Combine(directory, "sshd_config");
        File.WriteAllText(config, File.ReadAllText(config).Replace($":{WorkerPort}\n", $":{WorkerPort + 1}\n", StringComparison.Ordinal));
        await Command.RunAsync(sshd, "-f", config);
        return WorkerPort + 1;
    }

    private static async Task<WorkerInfo> WorkerAsync(DaemonProcess daemon, Func<WorkerInfo, bool> wanted)
    {
        WorkerInfo? found = null;
        await UntilAsync(async () => (found = (await WorkersAsync(daemon)).FirstOrDefault(wanted)) is not null, daemon);
        return found!;
    }

    private static async Task<WorkerInfo[]> WorkersAsync(DaemonProcess daemon) =>
        [.. JsonSerializer.Deserialize(await GetAsync(daemon, "workers"), ControlJson.Default.IReadOnlyListWorkerInfo)!];

    private static async Task<string[]> LinesAsync(DaemonProcess daemon) =>
        [.. JsonSerializer.Deserialize(await GetAsync(daemon, "logs?follow=false"), ControlJson.Default.IReadOnlyListLogInfo)!
            .Select(l => l.Line)];

    private static async Task<string> GetAsync(DaemonProcess daemon, string path)
    {
        await daemon.SaysAsync("control: http://");
        using var http = new HttpClient { BaseAddress = new Uri(Address().Match(daemon.Error).Value) };
        return await http.GetStringAsync("api/v1/" + path);
    }

    private static Task UntilAsync(Func<bool> condition, DaemonProcess daemon) => UntilAsync(() => Task.FromResult(condition()), daemon);

    private static async Task UntilAsync(Func<Task<bool>> condition, DaemonProcess daemon)
    {
        var since = Stopwatch.StartNew();
        while (!await condition())
        {
            since.Elapsed.ShouldBeLessThan(Timeouts, daemon.Error);
            await Task.Delay(50);
        }
    }

    [GeneratedRegex(@"(?<=control: )http://[0-9.:]+")]
    private static partial Regex Address();
}
