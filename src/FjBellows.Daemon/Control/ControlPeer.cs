using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace FjBellows.Daemon.Control;

/// <summary>Who is at the other end of a connection to the control plane, as the kernel says.</summary>
/// <param name="Key">What callers are counted by: a user of this host, or an address.</param>
/// <param name="Shown">How the caller is named in the log.</param>
/// <param name="IsSocket">True on the unix socket.</param>
/// <param name="IsTrusted">True for root and for the daemon's own user on the unix socket: they could do everything that the daemon
/// can.</param>
internal sealed partial record ControlPeer(string Key, string Shown, bool IsSocket, bool IsTrusted)
{
    // getsockopt(2) on Linux: SOL_SOCKET and SO_PEERCRED; the answer is pid, uid and gid.
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int Ipv6NetworkBytes = 8;

    /// <summary>The peer of a connection.</summary>
    /// <param name="features">The connection's features, or a request's.</param>
    /// <param name="remote">The address on the other end; null on a unix socket.</param>
    public static ControlPeer Of(IFeatureCollection features, IPAddress? remote)
    {
        var socket = features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket?.AddressFamily != AddressFamily.Unix)
        {
            return new ControlPeer(KeyOf(remote), $"{remote}", IsSocket: false, IsTrusted: false);
        }

        if (!OperatingSystem.IsLinux())
        {
            // The file's mode lets only its owner and root in.
            return new ControlPeer("socket", "unix socket", IsSocket: true, IsTrusted: true);
        }

        Span<int> credentials = stackalloc int[3];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, MemoryMarshal.AsBytes(credentials));
        var (process, user) = (credentials[0], credentials[1]);
        return new ControlPeer(
            string.Create(CultureInfo.InvariantCulture, $"uid {user}"),
            string.Create(CultureInfo.InvariantCulture, $"{UserName(user) ?? "uid"} ({user}), process {process}"),
            IsSocket: true,
            user == 0 || user == EffectiveUser());
    }

    /// <summary>All of loopback is one caller, and so is one IPv6 network: either has more addresses than a limit could count.</summary>
    private static string KeyOf(IPAddress? address)
    {
        if (address is null)
        {
            return "unknown";
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return IPAddress.IsLoopback(address) ? "loopback"
            : address.AddressFamily == AddressFamily.InterNetworkV6
                ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, Ipv6NetworkBytes))
            : address.ToString();
    }

    private static string? UserName(int user)
    {
        try
        {
            var id = user.ToString(CultureInfo.InvariantCulture);
            return File.ReadLines("/etc/passwd").Select(line => line.Split(':'))
                .FirstOrDefault(f => f.Length > 2 && f[2] == id) is [var name, ..]
                ? OutsideText.Clean(name, OutsideText.NameLimit)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial int EffectiveUser();
}
