namespace FjBellows.Ledger;

/// <summary>What brought a dispatch to its end. <see cref="OutcomeKind"/> says what became of the job, the cause says whose doing it
/// was.</summary>
public enum OutcomeCause
{
    /// <summary>The runner ran a task and exited.</summary>
    RunnerExit,

    /// <summary>The runner ran a task and exited, and its result did not reach Forgejo (invariant J13).</summary>
    ResultUndelivered,

    /// <summary>Forgejo gave the runner no task.</summary>
    NoTask,

    /// <summary>The job was cancelled in Forgejo: the runner's registration was gone while its process lived on.</summary>
    Cancelled,

    /// <summary>The job ran longer than <c>poll.max_job_runtime</c>.</summary>
    RuntimeExceeded,

    /// <summary>Forgejo refused the runner's registration, or its answer was lost.</summary>
    RegistrationRefused,

    /// <summary>The worker could not start the runner's process.</summary>
    LaunchFailed,

    /// <summary>The runner had not started five minutes after its assignment (invariant W16).</summary>
    LaunchTimedOut,

    /// <summary>The runner itself failed before it ran a task.</summary>
    RunnerFailed,

    /// <summary>The runner was killed, or vanished without an exit code.</summary>
    RunnerKilled,

    /// <summary>Forgejo assigned the job to the runner and it never started (invariant J17).</summary>
    AssignedNotStarted,

    /// <summary>The worker was unreachable for too long.</summary>
    ConnectionAbsent,

    /// <summary>The cloud does not have the worker's instance any more.</summary>
    InstanceMissing,

    /// <summary>What an earlier job left on the worker could not be removed.</summary>
    CleanUpFailed,

    /// <summary>The process outlived every attempt to end it, and its instance was deleted (invariant J12).</summary>
    HardEnd,

    /// <summary>The worker was deleted on request, with the job on it.</summary>
    WorkerRemoved,

    /// <summary>The daemon stopped before the runner was registered.</summary>
    DaemonStopped,
}

/// <summary>What a cause says about the worker.</summary>
internal static class OutcomeCauses
{
    /// <summary>True when the cause may lie in the worker itself (invariants W9, W17): the pool counts these.</summary>
    /// <param name="cause">The cause; null in records of before it was kept.</param>
    public static bool IsOwn(this OutcomeCause? cause) => cause is { } known && known.IsOwn();

    /// <inheritdoc cref="IsOwn(OutcomeCause?)" />
    public static bool IsOwn(this OutcomeCause cause) =>
        cause is OutcomeCause.LaunchFailed or OutcomeCause.LaunchTimedOut or OutcomeCause.RunnerFailed
        or OutcomeCause.RunnerKilled or OutcomeCause.ConnectionAbsent or OutcomeCause.InstanceMissing or OutcomeCause.CleanUpFailed
        or OutcomeCause.HardEnd;
}
