using System.Text.Json.Nodes;

namespace FjBellows.Dispatch;

/// <summary>What the runner of one pool's workers looks like: the same for every dispatch.</summary>
public sealed record RunnerSetup
{
    /// <summary>An address of <see cref="ForgejoHosts"/> that the engine itself knows: its own on the network of containers.</summary>
    public const string EngineGateway = "host-gateway";

    /// <summary>Forgejo's URL as it is reached from the worker, and from inside its jobs' containers.</summary>
    public required string ForgejoUrl { get; init; }

    /// <summary>The runner's program and the words that go before <c>one-job</c>, such as <c>/usr/local/bin/forgejo-runner</c>.</summary>
    public required IReadOnlyList<string> RunnerCommand { get; init; }

    /// <summary>An absolute directory on the worker for what is known of each dispatch; best on a file system that does not outlive a
    /// boot, such as <c>/run/fj-bellows/jobs</c>. It may forbid execution.</summary>
    public required string JobsDirectory { get; init; }

    /// <summary>An absolute directory on the worker for the jobs' workspaces and caches; it must allow execution. Each dispatch has its own
    /// below it.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>The program on the worker that root lets this side start each dispatch as a unit of the service manager with, left there by
    /// the bootstrap; null where there is none. On a worker without it, or without systemd, a dispatch is a process apart from the
    /// session.</summary>
    public string? UnitHelper { get; init; }

    /// <summary>What the jobs use Docker for.</summary>
    public DockerUse Docker { get; init; } = DockerUse.None;

    /// <summary>Host names of Forgejo that jobs' containers must find elsewhere than DNS says, and the address each of them has on the
    /// worker, or <see cref="EngineGateway"/> (invariant S7). Where there is one and <see cref="ContainerNetwork"/> does not say otherwise,
    /// containers use the worker's network. IP literals need none and are left out.</summary>
    public IReadOnlyDictionary<string, string> ForgejoHosts { get; init; } = new Dictionary<string, string>();

    /// <summary>Which network job containers are put into.</summary>
    public ContainerNetwork ContainerNetwork { get; init; } = ContainerNetwork.Automatic;

    /// <summary>The address of the worker at which jobs reach the runner's cache; null leaves it to the runner, which takes the worker's
    /// public one.</summary>
    public string? CacheHost { get; init; }

    /// <summary>An absolute directory on the worker that keeps one cache per repository for later jobs; null gives each dispatch a cache of
    /// its own, gone with it. It is for workers that run one job at a time: two runners cannot share a repository's cache.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>The least free disk a job may start with; null asks for none (invariant W21).</summary>
    public DiskFloor? DiskFloor { get; init; }

    /// <summary>Where the bootstrap's <see cref="ReadyReport"/> lies; null where there is no bootstrap to wait for.</summary>
    public string? ReadyReportFile { get; init; }

    /// <summary>Where the bootstrap says how jobs there reach Forgejo; null where the tunnel ends on the worker's loopback.</summary>
    public string? NetworkReportFile { get; init; }

    /// <summary>The log whose last lines tell how far a bootstrap has come; null where there is none.</summary>
    public string? BootLogFile { get; init; }

    /// <summary>Further keys of forgejo-runner's configuration, in its own structure. What a dispatch depends on goes over them.</summary>
    public JsonObject? RunnerConfig { get; init; }
}
