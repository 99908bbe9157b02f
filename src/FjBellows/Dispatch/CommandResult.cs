namespace FjBellows.Dispatch;

/// <summary>A finished command.</summary>
/// <param name="ExitCode">Its exit code; null when a signal ended it.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record CommandResult(int? ExitCode, string Output, string Error);
