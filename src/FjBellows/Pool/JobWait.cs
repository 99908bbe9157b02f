using FjBellows.Jobs;

namespace FjBellows.Pool;

/// <summary>A job that waits.</summary>
/// <param name="FirstSeen">When this process first saw it waiting.</param>
/// <param name="Reason">Why it still waits.</param>
public sealed record JobWait(QueuedJob Job, DateTimeOffset FirstSeen, WaitReason Reason)
{
    /// <summary><see cref="Reason"/> as a sentence.</summary>
    public string Why => Reason.ToString();
}
