using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace FjBellows.Daemon.Demo;

/// <summary>Finds a port for somebody who listens on it later. The kernel gives the ports of its ephemeral range to every outgoing
/// connection of the machine, so one that was free there may be taken by then; below that range only those who ask for a port get
/// it.</summary>
internal static class QuietPort
{
    private const int Lowest = 10_000;
    private const int Attempts = 200;
    private const int UsualEnd = 32_768;

    /// <summary>A port that is free now on an address.</summary>
    /// <param name="address">The address; <see cref="IPAddress.Any"/> for all of them.</param>
    public static int Find(IPAddress address)
    {
        var end = FirstEphemeral();
        for (var attempt = 0; attempt < Attempts && end > Lowest; attempt++)
        {
            var port = Random.Shared.Next(Lowest, end);
            if (TryBind(address, port) is { } free)
            {
                return free;
            }
        }

        return TryBind(address, 0) ?? throw new IOException($"no port of {address} is free");
    }

    private static int? TryBind(IPAddress address, int port)
    {
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static int FirstEphemeral()
    {
        try
        {
            return int.Parse(File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Split('\t', ' ')[0], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            // Other systems begin later than Linux does.
            return UsualEnd;
        }
    }
}
