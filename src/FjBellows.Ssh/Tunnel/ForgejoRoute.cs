using System.Net;

namespace FjBellows.Ssh.Tunnel;

/// <summary>What of Forgejo's URL matters to a tunnel.</summary>
/// <param name="Host">The host as the daemon connects to it.</param>
/// <param name="Port">The port, the same on both ends of the tunnel: it is part of the URL that the runner is given.</param>
internal sealed record ForgejoRoute(string Host, int Port)
{
    public static ForgejoRoute Of(Uri forgejo) => new(forgejo.IdnHost, forgejo.Port);

    /// <summary>The name that must mean 127.0.0.1 on the worker; null for an IP address and for localhost, which need no help (invariant
    /// S7).</summary>
    public string? NameToOverride =>
        IPAddress.TryParse(Host, out _) || string.Equals(Host, "localhost", StringComparison.OrdinalIgnoreCase) ? null : Host;
}
