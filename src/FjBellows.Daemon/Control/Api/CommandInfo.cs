namespace FjBellows.Daemon.Control.Api;

/// <summary>What became of a write.</summary>
/// <param name="Results">One for each pool that got the command.</param>
public sealed record CommandInfo(IReadOnlyList<CommandOutcome> Results);

/// <summary>What one pool made of it.</summary>
/// <param name="Done">True when it was carried out or is under way.</param>
/// <param name="Message">What was done, or why not.</param>
public sealed record CommandOutcome(string Pool, bool Done, string Message);

/// <summary>What a command on a worker said.</summary>
/// <param name="ExitCode">Its exit code; null when a signal ended it.</param>
/// <param name="Output">Its standard output, cut at 1 MiB.</param>
/// <param name="Error">Its standard error, cut at 1 MiB.</param>
public sealed record ExecInfo(string Worker, int? ExitCode, string Output, string Error);
