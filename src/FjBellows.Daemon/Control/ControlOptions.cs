using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;

namespace FjBellows.Daemon.Control;

/// <summary>How the control plane is served (invariant S9).</summary>
/// <param name="Listen">Address and port.</param>
/// <param name="Token">What callers must show; null where none is asked for.</param>
/// <param name="WritesEnabled">True when callers may change things.</param>
/// <param name="Socket">The unix socket; null for none.</param>
internal sealed record ControlOptions(string Listen, Secret? Token, bool WritesEnabled, string? Socket = null)
{
    /// <summary>True when it listens on an address and port.</summary>
    public bool HasAddress => !ControlAddress.IsOff(Listen);

    /// <summary>True when only this machine can reach it: reads need no token then.</summary>
    public bool IsLoopback => !HasAddress || ControlAddress.IsLoopback(Listen);

    /// <summary>True when callers on the address and port may change things: without a token no one can prove who it is there.</summary>
    public bool WritesOverAddress => WritesEnabled && Token is not null;

    /// <summary>Who must show the token on the address and port: <c>all</c>, <c>writes</c> or <c>none</c>.</summary>
    public string TokenNeeded => Token is null ? "none" : IsLoopback ? "writes" : "all";

    /// <summary>What the command line says; null when it turns the control plane off.</summary>
    /// <param name="options">The command line.</param>
    /// <exception cref="CommandException">The address or the token cannot be used.</exception>
    /// <param name="state">The state directory; null where there is no socket in it.</param>
    public static ControlOptions? Of(DaemonOptions options, string? state)
    {
        if (ControlAddress.IsOff(options.ControlListen) && options.ControlSocket is null or "" or "off")
        {
            return null;
        }

        var socket = state is null ? options.ControlSocket : ControlSocket.PathOf(options.ControlSocket, state);

        if (ControlAddress.Problem(options.ControlListen, options.ControlTokenFile) is { } problem)
        {
            throw Refused(problem);
        }

        // Read once more, and taken only as a whole: a file that is emptied meanwhile must not open the door.
        var (token, unread) = options.ControlTokenFile is { } file ? ControlToken.Read(file) : default;
        return unread is null
            ? new ControlOptions(options.ControlListen, token, options.EnableControlWrites, socket)
            : throw Refused(unread);

        static CommandException Refused(Problem problem) => new(ExitCode.Usage, $"{problem.Message}; {problem.Fix}");
    }
}
