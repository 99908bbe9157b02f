using System.Globalization;
using FjBellows.Integration.Tests.Daemon;
using FjBellows.Integration.Tests.Sandbox;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>A whole deployment: the stand-in for Forgejo, a real daemon with the provider <c>docker</c>, a real engine. Every job writes
/// its beginning and its end into a file that all workers share: what has run is not told by whoever ran it.</summary>
internal sealed class DockerDeployment : IAsyncDisposable
{
    private readonly DockerHost _host;
    private readonly DaemonFiles _files = new();
    private readonly List<DaemonProcess> _daemons = [];

    private DockerDeployment(DockerHost host, Forge forge, int max)
    {
        _host = host;
        Forge = forge;
        Tag = $"e2e-{Guid.NewGuid():N}"[..12];
        System.IO.Directory.CreateDirectory(_files.At("proof"));
        var volumes = string.Join(", ", DockerHost.Mounts.Append($"{_files.At("proof")}:/proof").Select(v => $"\"{v}\""));
        _files.Write(
            "config.yaml",
            $$"""
            forgejo: {url: "{{forge.Server.Url}}", token: {{Forge.AdminToken}}, scope: admin, labels: ["debian:host"]}
            tag: {{Tag}}
            scale: {max: {{max.ToString(CultureInfo.InvariantCulture)}}}
            provider: docker
            provider_config: {image: "{{DockerHost.Image}}", host: "unix://{{host.Socket}}", network: host, pull: never, volumes: [{{volumes}}]}
            poll: {interval: 1s, busy_interval: 500ms, instances_interval: 1s, runners_interval: 1s, idle_timeout: 3s}
            """);
    }

    public Forge Forge { get; }

    public string Tag { get; }

    public string Config => _files.Config;

    public string Log => string.Join("\n---\n", _daemons.Select(d => d.Error));

    public DaemonProcess Daemon => _daemons[^1];

    public static async Task<DockerDeployment> StartAsync(DockerHost host, int max = 2)
    {
        var deployment = new DockerDeployment(host, await Forge.StartAsync(), max);
        await deployment.StartDaemonAsync();
        return deployment;
    }

    public async Task StartDaemonAsync()
    {
        _daemons.Add(DaemonProcess.Start(_files.Arguments));
        await Daemon.SaysAsync("ready");
    }

    /// <summary>Ends the daemon as a power cut would.</summary>
    public async Task KillDaemonAsync()
    {
        await Daemon.SignalAsync("KILL");
        await Daemon.ExitAsync();
    }

    public ForgeJob[] Enqueue(int jobs, double seconds)
    {
        var sleep = seconds.ToString(CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(0, jobs)
            .Select(_ => Forge.Enqueue($"echo begin >> /proof/runs; sleep {sleep}; echo end >> /proof/runs"))];
    }

    /// <summary>How many jobs have begun and ended, by their own words.</summary>
    public (int Begun, int Ended) Proof()
    {
        var path = _files.At("proof/runs");
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        return (lines.Count(l => l.StartsWith("begin", StringComparison.Ordinal)),
            lines.Count(l => l.StartsWith("end", StringComparison.Ordinal)));
    }

    public Task UntilAsync(Func<bool> condition, string otherwise, int seconds = 90) =>
        UntilAsync(() => Task.FromResult(condition()), otherwise, seconds);

    public async Task UntilAsync(Func<Task<bool>> condition, string otherwise, int seconds = 90)
    {
        try
        {
            await DockerHost.UntilAsync(condition, otherwise, seconds);
        }
        catch (ShouldAssertException e)
        {
            throw new InvalidOperationException($"{e.Message}\n{Log}", e);
        }
    }

    /// <summary>Waits until no container of the deployment is left, running or ended.</summary>
    public Task UntilNothingIsLeftAsync() =>
        UntilAsync(async () => (await _host.ContainersAsync(Tag)).Length == 0, "containers were left over");

    public async ValueTask DisposeAsync()
    {
        foreach (var daemon in _daemons)
        {
            daemon.Dispose();
        }

        await Forge.DisposeAsync();
        _files.Dispose();
    }
}
