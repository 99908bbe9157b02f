using System.Net.Sockets;

namespace FjBellows.Daemon.Hosting;

/// <summary>The unix socket of the control plane (invariant S9): in the state directory, which only the daemon's user and root may enter,
/// so that no one else can take its place while the daemon is down.</summary>
internal static class ControlSocket
{
    /// <summary>Its name in the state directory.</summary>
    public const string FileName = "control.sock";

    // sockaddr_un holds 108 bytes with the final NUL on Linux, 104 elsewhere.
    private const int LongestPath = 103;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Where it is.</summary>
    /// <param name="flag"><c>--control-socket</c> or FJB_SOCKET; null for the usual place, empty or <c>off</c> for none.</param>
    /// <param name="state">The state directory.</param>
    /// <returns>The path; null for none, or where the usual place has a path too long for a socket.</returns>
    public static string? PathOf(string? flag, string state)
    {
        if (flag is not null)
        {
            return ControlAddress.IsOff(flag) ? null : Path.GetFullPath(flag);
        }

        var usual = Path.Combine(state, FileName);
        return OperatingSystem.IsWindows() || System.Text.Encoding.UTF8.GetByteCount(usual) > LongestPath ? null : usual;
    }

    /// <summary>Makes room for a new socket: what a daemon left behind that was killed goes, one that answers stays.</summary>
    /// <exception cref="IOException">A daemon listens there, or something else is in the way.</exception>
    public static void MakeRoom(string path)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new IOException($"the path of a unix socket has at most {LongestPath} bytes.");
        }

        if (!File.Exists(path))
        {
            return;
        }

        using (var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            try
            {
                probe.Connect(new UnixDomainSocketEndPoint(path));
                throw new IOException("another fj-bellows listens there.");
            }
            catch (SocketException)
            {
                // No one listens.
            }
        }

        if (File.ResolveLinkTarget(path, returnFinalTarget: false) is not null || new FileInfo(path).Length > 0)
        {
            throw new IOException("there is a file of this name that is not a socket.");
        }

        File.Delete(path);
    }

    /// <summary>Closes it to everybody but its owner and root.</summary>
    public static void Protect(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }
}
