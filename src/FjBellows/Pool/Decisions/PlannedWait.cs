namespace FjBellows.Pool;

/// <summary>A job that goes on waiting.</summary>
internal sealed record PlannedWait(KnownJob Job, WaitReason Reason);
