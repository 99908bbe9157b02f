namespace FjBellows.Parts;

/// <summary>A real program or right that a test can depend on. What is looked for and what to install is in
/// <see cref="PartCatalog"/>.</summary>
public enum Part
{
    /// <summary>The rights of root.</summary>
    Root,

    /// <summary>Mount namespaces with file systems of their own.</summary>
    MountNamespaces,

    /// <summary>Network namespaces, and the program that makes them.</summary>
    NetworkNamespaces,

    /// <summary>OpenSSH's server.</summary>
    Sshd,

    /// <summary>OpenSSH's key generator.</summary>
    SshKeygen,

    /// <summary>cloud-init.</summary>
    CloudInit,

    /// <summary>iptables.</summary>
    Iptables,

    /// <summary>sudo.</summary>
    Sudo,

    /// <summary>curl.</summary>
    Curl,

    /// <summary>A statically linked busybox.</summary>
    Busybox,

    /// <summary>dash.</summary>
    Dash,

    /// <summary>A Docker engine that tests start for themselves, and what the image of its workers is made from.</summary>
    DockerEngine,

    /// <summary>Podman in a Docker engine's place.</summary>
    Podman,

    /// <summary>docker-compose.</summary>
    DockerCompose,

    /// <summary>PostgreSQL's server.</summary>
    PostgreSql,

    /// <summary>sqlite3's command line.</summary>
    Sqlite3,

    /// <summary>Chromium.</summary>
    Chromium,

    /// <summary>Prism, which compares requests and answers with an OpenAPI document.</summary>
    Prism,

    /// <summary>Linode's OpenAPI document.</summary>
    LinodeSpec,

    /// <summary>Hetzner's OpenAPI document.</summary>
    HetznerSpec,

    /// <summary>DigitalOcean's OpenAPI document.</summary>
    DigitalOceanSpec,

    /// <summary>jq.</summary>
    Jq,

    /// <summary>Prometheus' promtool.</summary>
    Promtool,

    /// <summary>kubectl.</summary>
    Kubectl,

    /// <summary>systemd's tools; systemd itself need not run.</summary>
    SystemdTools,

    /// <summary>systemd as process 1 of a pid namespace, with a cgroup of its own.</summary>
    SystemdInNamespace,

    /// <summary>Python 3.</summary>
    Python3,

    /// <summary>dnsmasq.</summary>
    Dnsmasq,

    /// <summary>shellcheck.</summary>
    Shellcheck,

    /// <summary>git.</summary>
    Git,

    /// <summary>openssl's command line.</summary>
    OpenSsl,
}
