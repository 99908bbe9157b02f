using FjBellows.Dispatch;

namespace FjBellows.Workers;

/// <summary>A command was not carried out.</summary>
/// <param name="Why">Why not, and what would help.</param>
public sealed record CommandRefused(string Why);

/// <summary>The answer to a command that ran on a worker.</summary>
/// <param name="Result">Exit code and output, each stream cut at 1 MiB.</param>
public sealed record CommandRan(CommandResult Result);
