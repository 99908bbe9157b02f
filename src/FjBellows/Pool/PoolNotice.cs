using System.Text.Json.Serialization;

namespace FjBellows.Pool;

/// <summary>What a notice is about.</summary>
public enum NoticeKind
{
    /// <summary>A worker was intended, and why.</summary>
    WorkerPlanned,

    /// <summary>A worker went to another phase.</summary>
    WorkerChanged,

    /// <summary>A worker is gone.</summary>
    WorkerGone,

    /// <summary>A job was given to a worker.</summary>
    JobDispatched,

    /// <summary>A dispatch ended.</summary>
    JobEnded,

    /// <summary>Something needs an operator's eye.</summary>
    Warning,

    /// <summary>An operator's command was carried out.</summary>
    Operator,

    /// <summary>A job waits, and why; reported again when the reason is another one.</summary>
    JobWaits,
}

/// <summary>One thing that happened in a pool, as a sentence for people. Published on the actor system's event stream; a slow reader of it
/// never holds up the pool (invariant R8).</summary>
/// <param name="At">When, by the pool's clock.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Message">The sentence.</param>
/// <param name="Worker">The worker it concerns, if any.</param>
/// <param name="JobId">The job it concerns, if any.</param>
public sealed record PoolNotice(
    string Pool,
    DateTimeOffset At,
    NoticeKind Kind,
    string Message,
    [property: JsonPropertyOrder(1)] string? Worker = null,
    [property: JsonPropertyOrder(1)] long? JobId = null)
{
    /// <summary>The sentence, on one line; it may quote text from outside, and is cleaned of it (invariant S10).</summary>
    public string Message { get; init; } = OutsideText.Clean(Message, OutsideText.NoticeLimit);

    /// <summary>Which case it is, in snake_case; null in records of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyOrder(2)]
    public string? Code { get; init; }
}
