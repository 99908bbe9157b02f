namespace FjBellows.Pool;

/// <summary>A job that goes on waiting.</summary>
/// <param name="Job">The job.</param>
internal sealed record PlannedWait(KnownJob Job, WaitReason Reason);
