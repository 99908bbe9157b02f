using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Hosting;

/// <summary>Messages of the daemon's log, each with its id: 11xx the daemon's life, 12xx the control plane, 13xx the history.</summary>
internal static partial class DaemonEvents
{
    [LoggerMessage(1101, LogLevel.Information, "ready")]
    public static partial void Ready(this ILogger log);

    [LoggerMessage(1102, LogLevel.Information, "{Signal}: stopping")]
    public static partial void Stopping(this ILogger log, PosixSignal signal);

    [LoggerMessage(1103, LogLevel.Warning, "second signal: exiting now; jobs keep running and are reattached at the next start")]
    public static partial void ExitingNow(this ILogger log);

    [LoggerMessage(1104, LogLevel.Information, "drained; {Workers} left")]
    public static partial void Drained(this ILogger log, string workers);

    [LoggerMessage(
        1105, LogLevel.Warning, "not drained within {Limit}; stopping anyway. Jobs keep running and are reattached at the next start")]
    public static partial void NotDrained(this ILogger log, TimeSpan limit);

    [LoggerMessage(1106, LogLevel.Error, "cannot drain the pools: {Reason}; stopping anyway")]
    public static partial void CannotDrain(this ILogger log, string reason);

    [LoggerMessage(
        1107,
        LogLevel.Error,
        "another fj-bellows has taken over while the database connection was lost: {Holder}. This one stops; running jobs continue")]
    public static partial void TakenOver(this ILogger log, string holder);

    [LoggerMessage(1201, LogLevel.Information, "control: {Url}, read-only, no token needed")]
    public static partial void ServesReads(this ILogger log, string url);

    [LoggerMessage(1202, LogLevel.Information, "control: {Url}, read-only, token needed for {Token}")]
    public static partial void ServesReadsByToken(this ILogger log, string url, string token);

    [LoggerMessage(1203, LogLevel.Information, "control: {Url}, writes enabled, token needed for {Token}")]
    public static partial void ServesWrites(this ILogger log, string url, string token);

    [LoggerMessage(1204, LogLevel.Information, "control: unix socket {Path}, read-only")]
    public static partial void ServesReadsOnSocket(this ILogger log, string path);

    [LoggerMessage(1205, LogLevel.Information, "control: unix socket {Path}, writes enabled")]
    public static partial void ServesWritesOnSocket(this ILogger log, string path);

    [LoggerMessage(1206, LogLevel.Warning, "invalid token from {Caller}; further attempts are not logged for 1 minute")]
    public static partial void InvalidToken(this ILogger log, string caller);

    [LoggerMessage(1207, LogLevel.Information, "control: {Caller}: {Command} {Subject}: {Result}")]
    public static partial void Commanded(this ILogger log, string caller, string command, string subject, string result);

    [LoggerMessage(1208, LogLevel.Information, "control: {Caller}: {Command}: {Result}")]
    public static partial void Commanded(this ILogger log, string caller, string command, string result);

    [LoggerMessage(1209, LogLevel.Error, "control: {Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger log, Exception failure, string method, string path);

    [LoggerMessage(1301, LogLevel.Warning, "cannot show what workers of pool {Pool} did before the start: {Reason}")]
    public static partial void PastUnknown(this ILogger log, string pool, string reason);

    [LoggerMessage(
        1302,
        LogLevel.Warning,
        "dropped {Count} events because they arrived faster than they could be stored; explain does not show them")]
    public static partial void EventsDropped(this ILogger log, long count);

    [LoggerMessage(1303, LogLevel.Warning, "cannot store decisions for explain: {Reason}; retrying")]
    public static partial void EventsNotStored(this ILogger log, string reason);

    [LoggerMessage(1304, LogLevel.Warning, "dropped an event that cannot be stored for explain ({Kind}, pool {Pool}): {Reason}")]
    public static partial void EventRefused(this ILogger log, Pool.NoticeKind kind, string pool, string reason);

    [LoggerMessage(1305, LogLevel.Warning, "cannot read today's cost from the history; its metrics keep their last values: {Reason}")]
    public static partial void CostUnknown(this ILogger log, string reason);
}
