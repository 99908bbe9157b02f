using System.Net;
using System.Net.Sockets;

namespace FjBellows.Ssh.Tunnel;

/// <summary>How jobs on a worker reach Forgejo: an address of the worker's own, a port there at which the tunnel ends, and Forgejo's own
/// host and port, which are led to it (invariant S7).</summary>
/// <param name="Host">Forgejo's host as its URL has it: a name or an IPv4 address.</param>
/// <param name="IsPlain">True for http, whose registry the engine has to be configured for.</param>
internal sealed record JobNetwork(string Host, int Port, bool IsPlain)
{
    /// <summary>An address that no network uses (RFC 5737).</summary>
    public IPAddress Address { get; } = IPAddress.Parse("192.0.2.1");

    /// <summary>A port that no login but root's could be refused, and that no service is known to use.</summary>
    public int TunnelPort { get; } = 39000;

    /// <summary>The network for a Forgejo; null for one that needs none (localhost) or cannot have one (an IPv6 address).</summary>
    public static JobNetwork? Of(Uri forgejo)
    {
        var host = forgejo.IdnHost;
        var isAddress = IPAddress.TryParse(host.Trim('[', ']'), out var address);
        return string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (isAddress && (address!.AddressFamily != AddressFamily.InterNetwork || IPAddress.IsLoopback(address)))
            ? null
            : new JobNetwork(host, forgejo.Port, forgejo.Scheme == Uri.UriSchemeHttp);
    }
}
