namespace FjBellows.Daemon.Commands;

/// <summary>What the command line says.</summary>
internal sealed record DaemonOptions
{
    /// <summary><c>-config</c>.</summary>
    public string ConfigFile { get; init; } = "/etc/fj-bellows/config.yaml";

    /// <summary><c>-lock</c>.</summary>
    public string LockFile { get; init; } = "/run/fj-bellows.lock";

    /// <summary><c>-runner-version</c>; null leaves it to the configuration.</summary>
    public string? RunnerVersion { get; init; }

    /// <summary><c>-drain</c>: wait for running jobs on shutdown.</summary>
    public bool Drain { get; init; }

    /// <summary><c>-drain-timeout</c>: the longest wait; zero means no limit.</summary>
    public TimeSpan DrainTimeout { get; init; }

    /// <summary><c>-destroy-on-exit</c>: delete every worker on shutdown.</summary>
    public bool DestroyOnExit { get; init; }

    /// <summary><c>-control-listen</c>; empty turns the control plane off.</summary>
    public string ControlListen { get; init; } = "127.0.0.1:9876";

    /// <summary><c>--control-socket</c>; null for the one in the state directory, empty or <c>off</c> for none.</summary>
    public string? ControlSocket { get; init; }

    /// <summary><c>-control-token-file</c>; null for none.</summary>
    public string? ControlTokenFile { get; init; }

    /// <summary><c>-enable-control-writes</c>.</summary>
    public bool EnableControlWrites { get; init; }

    /// <summary><c>--standby</c>: wait while another daemon decides for the pools, and take over when it ends.</summary>
    public bool Standby { get; init; }

    /// <summary><c>--adopt-pool</c>: pools whose recorded identity gives way to the configuration's, for this start.</summary>
    public IReadOnlyList<string> AdoptPools { get; init; } = [];

    /// <summary><c>--forget-pool</c>: pools that the journal forgets, with their workers.</summary>
    public IReadOnlyList<string> ForgetPools { get; init; } = [];

    /// <summary><c>--log-format</c>; null leaves it to the configuration.</summary>
    public string? LogFormat { get; init; }

    /// <summary><c>--log-level</c>; null leaves it to the configuration.</summary>
    public string? LogLevel { get; init; }

    /// <summary><c>--state</c>; null leaves it to the configuration and the environment.</summary>
    public string? StateDirectory { get; init; }
}
