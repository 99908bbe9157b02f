using FjBellows.Dispatch;

namespace FjBellows.Workers;

/// <summary>A line of a runner's output, published on the actor system's event stream as it comes.</summary>
/// <param name="Line">The line, at most 16 KiB.</param>
public sealed record JobLogLine(string Pool, string Worker, DispatchId Dispatch, string Line)
{
    /// <summary>The line, cleaned (invariant S10).</summary>
    public string Line { get; init; } = OutsideText.Clean(Line, OutsideText.MessageLimit);

    /// <summary>When the daemon took it.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Forgejo's id of the job; null for a process that the journal does not know.</summary>
    public long? JobId { get; init; }
}
