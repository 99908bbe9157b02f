using System.CommandLine;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Hosting;

namespace FjBellows.Daemon.Control.Client;

/// <summary>Where the daemon is that a command speaks with, and what it is shown.</summary>
internal static class DaemonAddress
{
    /// <summary>What the command line says, else the environment, else the unix socket in the state directory, else the usual port. The
    /// token is shown only where the address was named: any user of this host can listen on the usual port while the daemon is
    /// down.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="variable">An environment variable's value.</param>
    /// <exception cref="CommandException">The address is none, or the token cannot be read.</exception>
    public static ControlTarget Of(ParseResult parsed, DaemonFlags flags, Func<string, string?> variable)
    {
        var (listen, socket, _) = flags.ControlOf(parsed);
        if (listen is null && socket is null)
        {
            listen = variable("FJB_LISTEN") is { Length: > 0 } said ? said : null;
            socket = listen is null && variable("FJB_SOCKET") is { Length: > 0 } named ? named : null;
        }

        // Read in any case: a file that cannot be used is reported at once, not when an address is named one day.
        var token = TokenOf(parsed, flags, variable);
        if (listen is not null)
        {
            return new ControlTarget(UrlOf(listen), token);
        }

        var path = ControlSocket.PathOf(socket, StateDirectory.Find(flags.Read(parsed).StateDirectory, null, variable));
        return path is not null && (socket is not null || File.Exists(path))
            ? ControlTarget.At(path)
            : new ControlTarget(UrlOf(new DaemonOptions().ControlListen));
    }

    /// <summary>The token, from the file that the command line names, else the environment; null for none.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="variable">An environment variable's value.</param>
    /// <exception cref="CommandException">The file holds no token.</exception>
    public static Secret? TokenOf(ParseResult parsed, DaemonFlags flags, Func<string, string?> variable)
    {
        if ((flags.ControlOf(parsed).TokenFile ?? variable("FJB_TOKEN_FILE")) is not { Length: > 0 } file)
        {
            return null;
        }

        var (token, problem) = ControlToken.Read(file);
        return problem is null
            ? token
            : throw new CommandException(
                ExitCode.Usage, $"{problem.Message}; name another file with -control-token-file or FJB_TOKEN_FILE, or {problem.Fix}");
    }

    /// <summary>Where a daemon is asked.</summary>
    /// <param name="address">HOST:PORT or :PORT as it listens, or a URL where a proxy stands before it.</param>
    /// <exception cref="CommandException">It is no address.</exception>
    public static Uri UrlOf(string address)
    {
        if (ControlAddress.IsOff(address))
        {
            throw new CommandException(ExitCode.Usage, "-control-listen is off: the daemon has no control plane to connect to");
        }

        if (!address.Contains("://", StringComparison.Ordinal))
        {
            if (!ControlAddress.IsAddress(address))
            {
                throw NoAddress(address);
            }

            // Who listens everywhere is asked here.
            address = ControlAddress.HostOf(address) is "" or "0.0.0.0" or "::"
                ? $"http://127.0.0.1:{ControlAddress.PortOf(address)}"
                : $"http://{address}";
        }

        return Uri.TryCreate(address.EndsWith('/') ? address : address + "/", UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https" ? url : throw NoAddress(address);
    }

    private static CommandException NoAddress(string address) => new(
        ExitCode.Usage,
        $"'{address}' is not a daemon address; write an address and port such as 127.0.0.1:9876, or the URL of a proxy in front of it");
}
