using System.Globalization;
using System.Net;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control;

namespace FjBellows.Daemon.Hosting;

/// <summary>Where the control plane may listen (invariant S9).</summary>
internal static class ControlAddress
{
    private const int LeastToken = 16;

    /// <summary>Why the control plane must not be opened like this, null when it may.</summary>
    /// <param name="listen">The value of <c>-control-listen</c>: HOST:PORT, :PORT for every address; empty or <c>off</c> for none.</param>
    /// <param name="tokenFile">The value of <c>-control-token-file</c>, null for none.</param>
    public static Problem? Problem(string listen, string? tokenFile)
    {
        if (IsOff(listen))
        {
            return null;
        }

        if (!IsAddress(listen))
        {
            return new(
                $"-control-listen '{listen}' is not an address and port",
                "write it as 127.0.0.1:9876, [::1]:9876 or :9876; empty or off turns the control plane off");
        }

        if (!IsLoopback(listen) && tokenFile is null)
        {
            return new(
                $"-control-listen {listen} is not a loopback address, and there is no -control-token-file: anyone who can reach the " +
                $"port could read and control the pools", "name a file with a token by -control-token-file, or listen on 127.0.0.1");
        }

        return tokenFile is null ? null : TokenProblem(tokenFile);
    }

    /// <summary>True when the control plane is turned off.</summary>
    /// <param name="listen">The value of <c>-control-listen</c>.</param>
    public static bool IsOff(string listen) => listen is "" or "off";

    /// <summary>True for HOST:PORT.</summary>
    /// <param name="listen">The text.</param>
    public static bool IsAddress(string listen) =>
        listen.LastIndexOf(':') is var colon and >= 0
            && ushort.TryParse(listen.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>True when only this machine can reach the address.</summary>
    /// <param name="listen">HOST:PORT.</param>
    public static bool IsLoopback(string listen) =>
        HostOf(listen) is var host && (host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)));

    /// <summary>The host of HOST:PORT, without brackets; empty for every address.</summary>
    /// <param name="listen">HOST:PORT.</param>
    public static string HostOf(string listen) => listen[..listen.LastIndexOf(':')].Trim('[', ']');

    /// <summary>The port of HOST:PORT.</summary>
    /// <param name="listen">HOST:PORT.</param>
    public static int PortOf(string listen) =>
        int.Parse(listen.AsSpan(listen.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture);

    private static Problem? TokenProblem(string file)
    {
        var (token, problem) = ControlToken.Read(file);
        return problem is not null ? problem with { Message = $"-control-token-file: {problem.Message}" }
            : token!.Reveal().Length >= LeastToken ? null
            : new($"the token in {file} is shorter than {LeastToken} characters", ControlToken.Make(file));
    }
}
