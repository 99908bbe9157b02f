namespace FjBellows.Ledger;

/// <summary>How a dispatch ended (invariant J10). It tells whether a task ran, not whether the job passed: only Forgejo knows
/// that.</summary>
public enum OutcomeKind
{
    /// <summary>The runner ran a task and exited with 0.</summary>
    Completed,

    /// <summary>The runner was given no task (exit 2): another runner has it, it was cancelled, or its concurrency group holds
    /// it.</summary>
    NoTask,

    /// <summary>The job was cancelled in Forgejo and its process ended by us, or it ran longer than allowed.</summary>
    Cancelled,

    /// <summary>The worker, or the process on it, went away in mid-job.</summary>
    Lost,

    /// <summary>No process came to run: the registration, the launch, or the runner's own start failed.</summary>
    FailedToStart,
}
