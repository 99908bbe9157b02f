using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FjBellows.Daemon.Control.Api;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Sandbox.Forge;
using Xunit.Abstractions;
using Forge = FjBellows.Integration.Tests.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Ssh;

/// <summary>What a job can do to its worker, by the daemon's own process over real sshd: no job keeps its worker, and no worker stops the
/// queue.</summary>
[Needs(Part.Sshd)]
public sealed partial class WorkerFaultsOverSshTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromMinutes(4);
    private readonly DaemonFiles _files = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var mark in Marked())
        {
            await Command.TryAsync("kill", "-KILL", mark);
        }

        // What a failed test leaves runs on as a VM does.
        foreach (var listener in LocalSshdProcesses.Below(_files.State))
        {
            await Command.TryAsync("pkill", "-KILL", "-P", listener);
            await Command.TryAsync("kill", "-KILL", listener);
        }

        foreach (var mount in File.ReadAllLines("/proc/mounts").Select(l => l.Split(' ')[1])
            .Where(m => m.StartsWith(_files.State, StringComparison.Ordinal)))
        {
            await Command.TryAsync("umount", mount);
        }
    }

    public void Dispose() => _files.Dispose();

    [Fact]
    [Trait("Invariant", "J9")]
    public async Task A_cancelled_job_frees_its_worker_within_half_a_minute_and_leaves_nothing()
    {
        await using var forge = await Forge.StartAsync();
        Configure(forge, max: 4);
        using var daemon = DaemonProcess.Start(_files.Arguments);
        var jobs = new Dictionary<string, ForgeJob>
        {
            ["sleeps"] = forge.Enqueue("echo begun; sleep 600"),
            ["ignores TERM"] = forge.Enqueue("trap '' TERM; echo begun; while :; do sleep 1; done"),
            ["background children"] = forge.Enqueue("(trap '' TERM HUP; exec setsid sleep 600) & sleep 600 & echo begun; sleep 600"),
            ["a step that always runs"] = forge.State.Enqueue("acme/app", new ForgeJobRequest(
                "build", ["debian"], Forge.Workflow("steps:", "- run: echo begun; sleep 600", "- if: always()", "  run: sleep 600"))),
        };
        await UntilAsync(() => jobs.Values.All(j => forge.State.Job(j.Id).Current?.Log.Contains("begun") == true), daemon);

        var watch = Stopwatch.StartNew();
        foreach (var job in jobs.Values)
        {
            forge.State.Cancel(job.Id);
        }

        var freed = new Dictionary<string, double>();
        await UntilAsync(
            async () =>
            {
                foreach (var (name, job) in jobs.Where(j => !freed.ContainsKey(j.Key)).ToArray())
                {
                    if ((await WorkersAsync(daemon)).All(w => w.Job?.Id != job.Id))
                    {
                        freed[name] = watch.Elapsed.TotalSeconds;
                    }
                }

                return freed.Count == jobs.Count;
            },
            daemon);
        output.WriteLine(string.Join("; ", freed.Select(f => $"{f.Key}: {f.Value:0.0} s")));
        await UntilAsync(() => Marked().Length == 0, daemon);
        freed.Values.Max().ShouldBeLessThan(IsBusy() ? 60 : 30);
        jobs.Values.ShouldAllBe(j => forge.State.Job(j.Id).Starts == 1);
    }

    [Fact]
    [Trait("Invariant", "J12")]
    public async Task A_stopped_follow_is_noticed_beside_it()
    {
        await using var forge = await Forge.StartAsync();
        Configure(forge);
        using var daemon = DaemonProcess.Start(_files.Arguments);
        var go = _files.At("go");
        var job = forge.Enqueue($"echo begun; while [ ! -e {go} ]; do sleep 0.1; done");
        await UntilAsync(() => forge.State.Job(job.Id).Current?.Log.Contains("begun") == true && Followers().Length > 0, daemon);
        foreach (var follower in Followers())
        {
            await Command.RunAsync("kill", "-STOP", follower);
        }

        await File.WriteAllTextAsync(go, "");
        await UntilAsync(() => forge.State.Job(job.Id).IsDone, daemon);
        await UntilAsync(() => daemon.Error.Contains(": Completed, ", StringComparison.Ordinal), daemon);
        var next = forge.Enqueue("true");
        await UntilAsync(() => forge.State.Job(next.Id).IsDone, daemon);
        (forge.State.Job(job.Id).Status, forge.State.Job(next.Id).Status).ShouldBe((ForgeJobStatus.Success, ForgeJobStatus.Success));
    }

    [Fact]
    [Trait("Invariant", "J11")]
    public async Task A_forged_exit_code_neither_ends_a_job_nor_keeps_its_worker()
    {
        await using var forge = await Forge.StartAsync();
        Configure(forge, more: "worker: {reuse: single}");
        using var daemon = DaemonProcess.Start(_files.Arguments);
        var (go, forged) = (_files.At("go"), _files.At("forged"));
        var job = forge.Enqueue(
            $"d=${{FJ_BELLOWS_DISPATCH#:}}; echo 2 > ${{d%%:*}}/exit; cat ${{d%%:*}}/exit > {forged}; echo begun; while [ ! -e {go} ]; " +
            $"do sleep 0.1; done");
        await UntilAsync(() => forge.State.Job(job.Id).Current?.Log.Contains("begun") == true, daemon);
        var worker = (await WorkersAsync(daemon)).Single(w => w.Job?.Id == job.Id).Name;
        (await File.ReadAllTextAsync(forged)).ShouldBe("2\n");

        // Longer than two looks beside the follow.
        await Task.Delay(TimeSpan.FromSeconds(45));
        (await WorkersAsync(daemon)).Single(w => w.Name == worker).Job?.Id.ShouldBe(job.Id, "the job runs on, whatever the file says");
        await File.WriteAllTextAsync(go, "");
        await UntilAsync(() => forge.State.Job(job.Id).IsDone, daemon);
        var next = forge.Enqueue("true");
        await UntilAsync(() => forge.State.Job(next.Id).IsDone, daemon);
        forge.State.Job(job.Id).Status.ShouldBe(ForgeJobStatus.Success);
        await UntilAsync(() => daemon.Error.Contains($"{worker} terminated", StringComparison.Ordinal), daemon);
        Regex.Count(daemon.Error, $"dispatched .* to {worker}").ShouldBe(1, daemon.Error);
    }

    [Fact]
    [Needs(Part.Root, Part.MountNamespaces)]
    [Trait("Invariant", "W16")]
    public async Task What_cannot_be_removed_ends_the_worker_and_not_the_queue()
    {
        await using var forge = await Forge.StartAsync();
        Configure(forge);
        using var daemon = DaemonProcess.Start(_files.Arguments);
        var first = forge.Enqueue("mkdir kept && mount -t tmpfs none kept && touch kept/file");
        await UntilAsync(() => forge.State.Job(first.Id).IsDone, daemon);
        forge.State.Job(first.Id).Status.ShouldBe(ForgeJobStatus.Success, "the job could not mount anything");
        var next = forge.Enqueue("true");
        await UntilAsync(() => forge.State.Job(next.Id).IsDone, daemon);
        (forge.State.Job(next.Id).Status, forge.State.Job(next.Id).Starts).ShouldBe((ForgeJobStatus.Success, 1));
        daemon.Error.ShouldContain("cannot remove");
    }

    private void Configure(Forge forge, int max = 2, string more = "") => _files.Write("config.yaml", $$"""
        forgejo: {url: "{{forge.Server.Url}}", token: {{Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
        tag: faults
        scale: {max: {{max}}}
        provider: local
        provider_config: {access: ssh, billing: hour, boot_time: 100ms}
        poll: {interval: 1s, billing_hour: 1h, hour_margin: 1m}
        {{more}}
        """);

    /// <summary>True where other work slows this machine down by half at least.</summary>
    private static bool IsBusy() =>
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) > 2 * Environment.ProcessorCount;

    /// <summary>The processes that carry the mark of a dispatch below this test's directory.</summary>
    private string[] Marked() => Processes(p => File.ReadAllText(Path.Combine(p, "environ")) is var environment
        && environment.Contains("FJ_BELLOWS_DISPATCH=:", StringComparison.Ordinal)
        && environment.Contains(_files.State, StringComparison.Ordinal));

    /// <summary>The shells that follow a log below this test's directory: they hold it as their descriptor 8.</summary>
    private string[] Followers() => Processes(p => File.ResolveLinkTarget(Path.Combine(p, "fd", "8"), false)?.FullName is { } log
        && log.StartsWith(_files.State, StringComparison.Ordinal) && Path.GetFileName(log) == "log");

    private static string[] Processes(Func<string, bool> wanted) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)).Where(p =>
        {
            try
            {
                return wanted(p);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }).Select(p => Path.GetFileName(p)),
    ];

    private static async Task<WorkerInfo[]> WorkersAsync(DaemonProcess daemon)
    {
        await daemon.SaysAsync("control: http://");
        using var http = new HttpClient { BaseAddress = new Uri(Address().Match(daemon.Error).Value) };
        return [.. JsonSerializer.Deserialize(await http.GetStringAsync("api/v1/workers"), ControlJson.Default.IReadOnlyListWorkerInfo)!];
    }

    private static Task UntilAsync(Func<bool> condition, DaemonProcess daemon) => UntilAsync(() => Task.FromResult(condition()), daemon);

    private static async Task UntilAsync(Func<Task<bool>> condition, DaemonProcess daemon)
    {
        for (var since = Stopwatch.StartNew(); !await condition(); await Task.Delay(100))
        {
            since.Elapsed.ShouldBeLessThan(Generous, daemon.Error);
        }
    }

    [GeneratedRegex(@"(?<=control: )http://[0-9.:]+")]
    private static partial Regex Address();
}
