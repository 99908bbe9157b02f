namespace FjBellows.Sandbox.Forge;

/// <summary>Something that happened in the stand-in.</summary>
/// <param name="Job">The job it happened to, as it stands now; null for events of a runner.</param>
/// <param name="Runner">The name of the runner involved, null when there is none.</param>
public sealed record ForgeEvent(DateTimeOffset At, ForgeEventKind Kind, ForgeJob? Job, string? Runner);
