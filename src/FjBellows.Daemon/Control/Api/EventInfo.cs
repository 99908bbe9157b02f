using FjBellows.Pool;

namespace FjBellows.Daemon.Control.Api;

/// <summary><c>GET /api/v1/events</c>: something that happened. The stream names each event's type <c>notice</c> and sends its id, by which
/// a reader that was cut off goes on with <c>Last-Event-ID</c>.</summary>
/// <param name="Id">The id: the daemon's start and a number that grows by one; null for one from the history.</param>
/// <param name="At">When, by the pool's clock.</param>
/// <param name="Type">What it is about.</param>
/// <param name="Message">The sentence.</param>
/// <param name="Worker">The worker it concerns, if any.</param>
/// <param name="JobId">The job it concerns, if any.</param>
/// <param name="Code">Which case it is, in snake_case; null in events of before it was kept.</param>
public sealed record EventInfo(
    string? Id, string Pool, DateTimeOffset At, NoticeKind Type, string Message, string? Worker, long? JobId, string? Code);

/// <summary><c>GET /api/v1/logs</c>: a line of a runner's output. The stream names its type <c>line</c>.</summary>
/// <param name="Id">The id: the daemon's start and a number that grows by one.</param>
/// <param name="At">When it came.</param>
/// <param name="JobId">The job; null when it is not known.</param>
public sealed record LogInfo(string Id, DateTimeOffset At, string Pool, string Worker, string Dispatch, long? JobId, string Line);
