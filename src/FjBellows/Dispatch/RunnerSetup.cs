using System.Text.Json.Nodes;

namespace FjBellows.Dispatch;

/// <summary>What the runner of one pool's workers looks like: the same for every dispatch.</summary>
public sealed record RunnerSetup
{
    /// <summary>Forgejo's URL as it is reached from the worker, and from inside its jobs' containers.</summary>
    public required string ForgejoUrl { get; init; }

    /// <summary>The runner's program and the words that go before <c>one-job</c>, such as <c>/usr/local/bin/forgejo-runner</c>.</summary>
    public required IReadOnlyList<string> RunnerCommand { get; init; }

    /// <summary>An absolute directory on the worker for what is known of each dispatch; best on a file system that does not outlive a
    /// boot, such as <c>/run/fj-bellows/jobs</c>. It may forbid execution.</summary>
    public required string JobsDirectory { get; init; }

    /// <summary>An absolute directory on the worker for the jobs' workspaces and caches; it must allow execution. Each dispatch has its own below it.</summary>
    public required string WorkDirectory { get; init; }

    /// <summary>What the jobs use Docker for.</summary>
    public DockerUse Docker { get; init; } = DockerUse.None;

    /// <summary>Host names of Forgejo that jobs' containers must find elsewhere than DNS says, and the address each of them has on the
    /// worker (<c>127.0.0.1</c> with a tunnel). Where there is one, containers use the worker's network (invariant S7). IP literals need none and are left out.</summary>
    public IReadOnlyDictionary<string, string> ForgejoHosts { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the bootstrap's <see cref="ReadyReport"/> lies; null where there is no bootstrap to wait for.</summary>
    public string? ReadyReportFile { get; init; }

    /// <summary>The log whose last lines tell how far a bootstrap has come; null where there is none.</summary>
    public string? BootLogFile { get; init; }

    /// <summary>Further keys of forgejo-runner's configuration, in its own structure. What a dispatch depends on goes over them.</summary>
    public JsonObject? RunnerConfig { get; init; }
}

/// <summary>What the jobs of a worker use Docker for.</summary>
public enum DockerUse
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The worker has an engine of its own: whatever a task has left on it may be removed between jobs.</summary>
    Own,

    /// <summary>The engine serves others too: only what belongs to a dispatch's own tasks is removed.</summary>
    Shared,
}
