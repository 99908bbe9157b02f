using FjBellows.Workers.Reasons;

namespace FjBellows.Workers.Life;

/// <summary>How a dispatch ends.</summary>
/// <param name="Kind">What became of the job.</param>
/// <param name="Cause">Whose doing it was.</param>
/// <param name="ExitCode">The runner's exit code.</param>
/// <param name="Detail">What the operator should know.</param>
/// <param name="Drain">Why the worker takes no further job; null when only the rules after a job decide that.</param>
/// <param name="RetryAfter">How long Forgejo asked to wait.</param>
internal sealed record Outcome(
    OutcomeKind Kind, OutcomeCause Cause, int? ExitCode, string Detail, RemovalReason? Drain = null, TimeSpan? RetryAfter = null)
{
    /// <summary>True when Forgejo proves that no task ran, whatever the worker says (J11): the worker is as clean as before.</summary>
    public bool RanNothing { get; init; }
}
