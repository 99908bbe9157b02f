using System.Text.Json.Serialization;

namespace FjBellows.Ledger;

/// <summary>The account of a worker: how long it lived, what was billed, what was used.</summary>
/// <param name="InstanceId">The cloud's id; null when none was ever known.</param>
/// <param name="Placement">Region and type, for people.</param>
/// <param name="PlannedAt">When it was intended.</param>
/// <param name="CreatedAt">When billing began; null when nothing was created.</param>
/// <param name="ReadyAt">When it was first ready; null when never.</param>
/// <param name="GoneAt">When its absence was proven.</param>
/// <param name="Busy">The time its jobs' processes ran.</param>
/// <param name="Billed">The time billed.</param>
/// <param name="HourlyPrice">The price per hour; null where unknown.</param>
/// <param name="Jobs">Dispatches that ran a task.</param>
/// <param name="MissedBoundaries">Billing periods that began although it was idle and its mark had passed (invariant B2).</param>
/// <param name="Why">Why it was created.</param>
/// <param name="End">Why it ended.</param>
public sealed record WorkerLedger(
    string Pool,
    string Worker,
    string? InstanceId,
    string Placement,
    DateTimeOffset PlannedAt,
    DateTimeOffset? CreatedAt,
    DateTimeOffset? ReadyAt,
    DateTimeOffset GoneAt,
    TimeSpan Busy,
    [property: JsonPropertyName("paid")] TimeSpan Billed,
    decimal? HourlyPrice,
    int Jobs,
    int MissedBoundaries,
    string Why,
    string End);
