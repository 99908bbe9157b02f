using System.Text.Json.Nodes;
using FjBellows.Dispatch;
using FjBellows.Ssh.Tunnel;

namespace FjBellows.Ssh.Bootstrap;

/// <summary>Where things lie on a worker that was made by <see cref="CloudInit"/>.</summary>
public static class WorkerLayout
{
    /// <summary>forgejo-runner's program.</summary>
    public const string Runner = "/usr/local/bin/forgejo-runner";

    /// <summary>The bootstrap's output.</summary>
    public const string BootLog = "/var/log/fj-bellows-bootstrap.log";

    /// <summary>What is known of each dispatch; gone with a reboot, as the jobs are.</summary>
    public const string Jobs = "/run/fj-bellows/jobs";

    /// <summary>The jobs' workspaces and caches.</summary>
    public const string Work = "/var/lib/fj-bellows/work";

    /// <summary>The jobs' caches, one directory for each repository.</summary>
    public const string Cache = "/var/lib/fj-bellows/cache";

    /// <summary>The program that starts dispatches as units of the service manager.</summary>
    public const string UnitHelper = "/usr/local/sbin/fj-bellows-unit";

    /// <summary>The program that lets jobs reach Forgejo, run at every boot.</summary>
    public const string NetworkHelper = "/usr/local/sbin/fj-bellows-network";

    /// <summary>What that program says about how it went.</summary>
    public const string NetworkReport = "/run/fj-bellows/network";

    /// <summary>The runners of a pool whose workers have this layout.</summary>
    /// <param name="forgejo">Forgejo's URL.</param>
    /// <param name="docker">What the jobs use Docker for.</param>
    /// <param name="runnerConfig">Further keys of forgejo-runner's configuration.</param>
    public static RunnerSetup RunnerSetup(Uri forgejo, DockerUse docker, JsonObject? runnerConfig = null)
    {
        ArgumentNullException.ThrowIfNull(forgejo);
        var hosts = ForgejoRoute.Of(forgejo).NameToOverride is { } name
            ? new Dictionary<string, string> { [name] = "127.0.0.1" }
            : [];
        return new RunnerSetup
        {
            ForgejoUrl = forgejo.AbsoluteUri.TrimEnd('/'),
            RunnerCommand = [Runner],
            JobsDirectory = Jobs,
            WorkDirectory = Work,
            CacheDirectory = Cache,
            DiskFloor = DiskFloor.Default,
            UnitHelper = UnitHelper,
            NetworkReportFile = JobNetwork.Of(forgejo) is null ? null : NetworkReport,
            Docker = docker,
            ForgejoHosts = hosts,
            ReadyReportFile = ReadyReport.DefaultPath,
            BootLogFile = BootLog,
            RunnerConfig = runnerConfig,
        };
    }
}
