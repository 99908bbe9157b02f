namespace FjBellows.Daemon.Configuration;

/// <summary>A configuration file, read and found consistent.</summary>
/// <param name="Forgejo">The Forgejo to serve.</param>
/// <param name="Pools">The pools, at least one, in the order of the file.</param>
/// <param name="Ssh">How workers are reached.</param>
/// <param name="Runner">The runner program on workers.</param>
/// <param name="Worker">How workers are prepared.</param>
/// <param name="State">Where the journal is.</param>
/// <param name="HistoryRetention">How long the past is kept.</param>
/// <param name="Log">What the daemon says.</param>
/// <param name="OtlpEndpoint">Where traces are sent; null for nowhere.</param>
internal sealed record BellowsConfig(
    string File,
    ForgejoConfig Forgejo,
    IReadOnlyList<PoolConfig> Pools,
    SshConfig Ssh,
    RunnerConfig Runner,
    WorkerConfig Worker,
    StateConfig State,
    TimeSpan HistoryRetention,
    LogConfig Log,
    Uri? OtlpEndpoint);
