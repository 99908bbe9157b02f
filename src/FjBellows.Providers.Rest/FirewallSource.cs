using System.Net;
using System.Net.Sockets;

namespace FjBellows.Providers.Rest;

/// <summary>The words and networks that say where traffic comes from or goes to.</summary>
public static class FirewallSource
{
    /// <summary>The host's own addresses, as services outside see them.</summary>
    public const string Auto = "auto";
    /// <summary>Everybody.</summary>
    public const string Any = "any";
    /// <summary>Everybody, by IPv4.</summary>
    public const string AnyV4 = "any-v4";
    /// <summary>Everybody, by IPv6.</summary>
    public const string AnyV6 = "any-v6";
    private const string AllV4 = "0.0.0.0/0";
    private const string AllV6 = "::/0";

    /// <summary>True for one of the words, and for a network in CIDR form.</summary>
    /// <param name="source">What was written.</param>
    public static bool IsValid(string source) => source is Auto or Any or AnyV4 or AnyV6 || TryNetwork(source, out _);

    /// <summary>The networks that sources stand for, each once, in a stable order, apart by family: some clouds count
    /// both families of a rule against one limit.</summary>
    /// <param name="sources">Words and networks that are valid.</param>
    /// <param name="host">The host's own addresses.</param>
    public static (IReadOnlyList<string> V4, IReadOnlyList<string> V6) Resolve(
        IEnumerable<string> sources, IReadOnlyCollection<IPAddress> host)
    {
        var v4 = new SortedSet<string>(StringComparer.Ordinal);
        var v6 = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var source in sources)
        {
            switch (source)
            {
                case Auto:
                    v4.UnionWith(host.Where(a => a.AddressFamily == AddressFamily.InterNetwork).Select(a => $"{a}/32"));
                    v6.UnionWith(host.Where(a => a.AddressFamily == AddressFamily.InterNetworkV6).Select(a => $"{a}/128"));
                    break;
                case Any:
                    v4.Add(AllV4);
                    v6.Add(AllV6);
                    break;
                case AnyV4:
                    v4.Add(AllV4);
                    break;
                case AnyV6:
                    v6.Add(AllV6);
                    break;
                default:
                    if (TryNetwork(source, out var network))
                    {
                        (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? v4 : v6).Add(network.ToString());
                    }

                    break;
            }
        }

        return ([.. v4], [.. v6]);
    }

    /// <summary>Host bits are cleared rather than refused: 203.0.113.5/24 means its network, as the Go original read it.</summary>
    private static bool TryNetwork(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text[..slash], out var address) || !int.TryParse(text[(slash + 1)..], out var bits))
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        if (bits < 0 || bits > bytes.Length * 8)
        {
            return false;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            var keep = Math.Clamp(bits - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - keep));
        }

        network = new IPNetwork(new IPAddress(bytes), bits);
        return true;
    }
}
