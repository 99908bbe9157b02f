using FjBellows.Dispatch;
using static FjBellows.Workers.Session.SessionProtocol;

namespace FjBellows.Workers.Session;

/// <summary>What a failed call means, for its command and for the connection.</summary>
internal static class CommandFailures
{
    /// <summary>True when the connection is to be opened again.</summary>
    /// <param name="command">What was carried out; null for the connection itself.</param>
    /// <param name="kind">The cause; null where it is not one of a session's own.</param>
    public static bool EndConnection(ISessionCommand? command, SessionErrorKind? kind) => command is null or Follow
        || kind is SessionErrorKind.Unreachable or SessionErrorKind.Gone or SessionErrorKind.HostKeyMismatch
            or SessionErrorKind.AuthenticationFailed;

    /// <summary>What the worker gets while the connection stands.</summary>
    /// <param name="command">What was carried out.</param>
    /// <param name="kind">The cause; null where it is not one of a session's own.</param>
    /// <param name="message">The cause, for people.</param>
    public static ISessionReport ReportOf(ISessionCommand command, SessionErrorKind? kind, string message) => command switch
    {
        Launch launch when kind is SessionErrorKind.LaunchFailed or SessionErrorKind.ForwardRefused or SessionErrorKind.Misconfigured =>
            new LaunchFailed(launch.Job.Dispatch, message),
        CleanUp clean => new CleanUpFailed(clean.Dispatch, message),
        _ => new CommandFailed(command, message),
    };
}
