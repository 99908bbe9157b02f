namespace FjBellows.Ssh.Bootstrap;

/// <summary>What a worker is made into on its first boot.</summary>
public sealed record BootstrapSettings
{
    /// <summary><c>-runner-version</c>: the forgejo-runner release that is installed.</summary>
    public string RunnerVersion { get; init; } = "12.10.1";

    /// <summary>Where releases are downloaded from, without the version: <c>{mirror}/v{version}/forgejo-runner-{version}-linux-{arch}</c>,
    /// with its <c>.sha256</c> beside it.</summary>
    public Uri RunnerMirror { get; init; } = new("https://code.forgejo.org/forgejo/runner/releases/download");

    /// <summary><c>runner.path</c>: where the runner's program goes, or where a prepared image has it (a bare name is then looked for in
    /// its PATH).</summary>
    public string RunnerPath { get; init; } = WorkerLayout.Runner;

    /// <summary>True when jobs need Docker on the worker, as all labels but <c>host</c> ones do.</summary>
    public bool Docker { get; init; } = true;

    /// <summary><c>worker.packages</c>: further packages of the distribution.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary><c>worker.run</c>: shell text that root runs after the installs, with <c>set -eu</c>; null for none.</summary>
    public string? Run { get; init; }

    /// <summary><c>worker.prepared_image</c>: the image holds Docker, the runner and the packages already, and nothing is
    /// installed.</summary>
    public bool PreparedImage { get; init; }
}
