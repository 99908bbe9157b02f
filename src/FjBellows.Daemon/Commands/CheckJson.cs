namespace FjBellows.Daemon.Commands;

/// <summary>The report as JSON.</summary>
/// <param name="Errors">How many errors.</param>
/// <param name="Warnings">How many warnings.</param>
/// <param name="Findings">What was found.</param>
internal sealed record CheckJson(int Errors, int Warnings, IReadOnlyList<CheckLine> Findings);
