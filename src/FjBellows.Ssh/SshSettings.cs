using System.Net;

namespace FjBellows.Ssh;

/// <summary>How the workers of a pool are reached and kept.</summary>
public sealed record SshSettings
{
    /// <summary>The key this side proves itself with.</summary>
    public required ClientKey Key { get; init; }

    /// <summary><c>ssh.user</c>: who logs in. Any other than root is made by the bootstrap.</summary>
    public string User { get; init; } = "root";

    /// <summary><c>ssh.port</c>.</summary>
    public int Port { get; init; } = 22;

    /// <summary>The longest one address may take from the first packet to the login.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an idle connection is asked for a sign of life (invariant S3).</summary>
    public TimeSpan KeepaliveInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long that sign may take. Shorter than the interval, so that a peer which freezes right after an answer is noticed well
    /// within 30 s, on a busy machine too.</summary>
    public TimeSpan KeepaliveTimeout { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary><c>ssh.key_exchanges</c>: offered, best first.</summary>
    public IReadOnlyList<string> KeyExchanges { get; init; } = SshAlgorithms.DefaultKeyExchanges;

    /// <summary><c>ssh.ciphers</c>: offered, best first.</summary>
    public IReadOnlyList<string> Ciphers { get; init; } = SshAlgorithms.DefaultCiphers;

    /// <summary><c>ssh.seed_host_key</c>: false where the cloud or the image cannot be given a host key: the first key seen is then trusted
    /// and pinned (invariant S2).</summary>
    public bool SeedHostKey { get; init; } = true;

    /// <summary><c>forgejo.reach</c>: whether a worker reaches Forgejo by itself or through the tunnel.</summary>
    public ForgejoReach Reach { get; init; }

    /// <summary>False leaves the worker's hosts file alone: Forgejo's name must then resolve to 127.0.0.1 there by other means.</summary>
    public bool HostsOverride { get; init; } = true;

    /// <summary>Where on the worker the tunnel listens. Workers that share a machine each need a loopback address of their own, and an sshd
    /// that lets the client choose it (<c>GatewayPorts clientspecified</c>).</summary>
    public IPAddress TunnelAddress { get; init; } = IPAddress.Loopback;

    /// <summary>The most connections through one worker's tunnel; one more ends the one that has been quiet longest.</summary>
    public int MaxTunnelConnections { get; init; } = 64;

    /// <summary>How long a tunnelled connection may carry nothing before it is closed: the end of a remote client is not seen
    /// otherwise.</summary>
    public TimeSpan TunnelIdleTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
