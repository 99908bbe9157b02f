using System.Text.Json.Serialization;

namespace FjBellows.Ledger;

/// <summary>The record of one dispatch.</summary>
/// <param name="Assignment">What was dispatched, with its times.</param>
/// <param name="Kind">How it ended.</param>
/// <param name="EndedAt">When its end was seen.</param>
/// <param name="ExitCode">The runner's exit code, null where none was left.</param>
/// <param name="Detail">What the operator should know: the reason, or the last lines of the runner's log.</param>
public sealed record DispatchOutcome(
    string Pool,
    string Worker,
    Assignment Assignment,
    OutcomeKind Kind,
    DateTimeOffset EndedAt,
    int? ExitCode,
    string Detail)
{
    /// <summary>What brought it to its end; null in records of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OutcomeCause? Cause { get; init; }

    /// <summary>How long Forgejo, or a proxy before it, asked to wait before the next registration; null where it did not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>How long the job's process ran; zero when it never did.</summary>
    public TimeSpan Ran => Assignment.StartedAt is { } started && EndedAt > started ? EndedAt - started : TimeSpan.Zero;
}
