namespace FjBellows.Sandbox.Forge;

/// <summary>What a <see cref="ForgeEvent"/> tells.</summary>
public enum ForgeEventKind
{
    /// <summary>A job became waiting.</summary>
    JobQueued,

    /// <summary>A runner fetched a job.</summary>
    JobStarted,

    /// <summary>A job ended: succeeded, failed, was cancelled or skipped.</summary>
    JobEnded,

    /// <summary>A runner was registered.</summary>
    RunnerRegistered,

    /// <summary>A runner row was deleted: by its owner, by its last report, or by a cancel.</summary>
    RunnerDeleted,
}
