using System.Security.Cryptography.X509Certificates;
using FjBellows.Daemon.Providers;
using FjBellows.Forgejo;
using FjBellows.Ssh;

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

/// <summary>The Forgejo to serve.</summary>
/// <param name="Url">Its base URL.</param>
/// <param name="Token">The access token.</param>
/// <param name="Scope">Whose runners.</param>
internal sealed record ForgejoConfig(Uri Url, Secret Token, ForgejoScope Scope)
{
    /// <summary>How workers of a cloud reach it.</summary>
    public ForgejoReach Reach { get; init; } = ForgejoReach.Auto;

    /// <summary>Certificate authorities to trust beside the system's; null for none.</summary>
    public X509Certificate2Collection? Authorities { get; init; }
}

/// <summary>One pool.</summary>
/// <param name="Settings">The pool's settings.</param>
/// <param name="Provider">Where its workers come from.</param>
internal sealed record PoolConfig(PoolSettings Settings, IProviderConfig Provider);

/// <summary>How workers are reached.</summary>
/// <param name="PrivateKeyFile">The private key's path, absolute; null where no provider needs one.</param>
/// <param name="Passphrase">Its passphrase, null when it has none.</param>
/// <param name="KeyExchanges">What is offered, best first.</param>
/// <param name="Ciphers">What is offered, best first.</param>
/// <param name="SeedHostKey">False when a worker's first key is trusted.</param>
internal sealed record SshConfig(
    string? PrivateKeyFile, Secret? Passphrase, string User, int Port, IReadOnlyList<string> KeyExchanges, IReadOnlyList<string> Ciphers,
    bool SeedHostKey);

/// <summary>The runner program on workers.</summary>
/// <param name="Version">The release to install.</param>
/// <param name="Path">One that is there already, null where it is installed.</param>
/// <param name="Mirror">Where to download from, null for the releases' home.</param>
internal sealed record RunnerConfig(string Version, string? Path, Uri? Mirror);

/// <summary>How workers are prepared.</summary>
/// <param name="Packages">Distribution packages to install.</param>
/// <param name="Run">Shell commands to run.</param>
/// <param name="PreparedImage">True when nothing is installed.</param>
/// <param name="SingleUse">True when each worker runs one job only.</param>
internal sealed record WorkerConfig(IReadOnlyList<string> Packages, IReadOnlyList<string> Run, bool PreparedImage, bool SingleUse);

/// <summary>Where the journal is.</summary>
/// <param name="Directory">The state directory, null for the default.</param>
/// <param name="Connection">A PostgreSQL connection string, null for a file.</param>
internal sealed record StateConfig(string? Directory, Secret? Connection);

/// <summary>What the daemon says.</summary>
/// <param name="Format">human or json.</param>
/// <param name="Level">debug, info, warning or error.</param>
internal sealed record LogConfig(string Format, string Level);
