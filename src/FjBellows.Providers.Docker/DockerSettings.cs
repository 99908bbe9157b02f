namespace FjBellows.Providers.Docker;

/// <summary>When an image is fetched from its registry.</summary>
public enum DockerPull
{
    /// <summary>When the engine does not have it.</summary>
    Missing,

    /// <summary>Before every worker.</summary>
    Always,

    /// <summary>Never: whoever runs the engine brings it.</summary>
    Never,
}

/// <summary>The <c>provider_config</c> of the provider <c>docker</c>.</summary>
public sealed record DockerSettings
{
    /// <summary>Where an engine listens unless set otherwise.</summary>
    public const string DefaultHost = "unix:///var/run/docker.sock";

    /// <summary>The workers' image. It needs a POSIX shell at <c>/bin/sh</c>, and the runner.</summary>
    public required string Image { get; init; }

    /// <summary>The network that workers join, such as <c>host</c> or one made with <c>docker network create</c>; null for the engine's
    /// default.</summary>
    public string? Network { get; init; }

    /// <summary>Mounts in <c>docker run -v</c>'s form: <c>/on/the/host:/in/the/worker[:ro]</c> or <c>name:/in/the/worker</c>.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Time limit from a container's start until it runs.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The engine's address: <c>unix:///path</c> or <c>tcp://name:port</c>.</summary>
    public Uri Host { get; init; } = new(DefaultHost);

    /// <summary>A directory with <c>ca.pem</c>, <c>cert.pem</c> and <c>key.pem</c>, as <c>DOCKER_CERT_PATH</c> names one; null for no
    /// TLS.</summary>
    public string? TlsDirectory { get; init; }

    /// <summary>When the image is fetched.</summary>
    public DockerPull Pull { get; init; } = DockerPull.Missing;

    /// <summary>How many CPUs a worker may use, in thousandths; null for all.</summary>
    public int? MilliCpus { get; init; }

    /// <summary>How much memory a worker may use, in bytes; null for all. It gets no swap beyond it.</summary>
    public long? Memory { get; init; }

    /// <summary>True for workers that own the host, as an engine inside a worker needs it.</summary>
    public bool Privileged { get; init; }

    /// <summary>Environment variables of the worker, and so of its jobs.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Further labels of the container.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The engine's runtime, such as <c>runsc</c>; null for its default.</summary>
    public string? Runtime { get; init; }

    /// <summary>The user, and group, that everything in the worker runs as: <c>name</c>, <c>1000</c> or <c>1000:998</c>; null for the
    /// image's.</summary>
    public string? User { get; init; }

    /// <summary>True to mount the engine's socket into workers, so that jobs may use containers of the same engine. Whoever holds it owns
    /// the host.</summary>
    public bool DockerSocket { get; init; }

    /// <summary>True to run what the image runs by itself, such as an engine of its own; otherwise a worker only waits for jobs.</summary>
    public bool ImageCommand { get; init; }

    /// <summary>The path of the engine's socket on this host, null where it listens on TCP.</summary>
    internal string? SocketPath => Host.Scheme == "unix" ? Host.AbsolutePath : null;
}
