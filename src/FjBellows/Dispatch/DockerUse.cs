namespace FjBellows.Dispatch;

/// <summary>What the jobs of a worker use Docker for.</summary>
public enum DockerUse
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The worker has an engine of its own: whatever a task has left on it may be removed between jobs.</summary>
    Own,

    /// <summary>The engine serves others too: only what belongs to a dispatch's own tasks is removed.</summary>
    Shared,
}
