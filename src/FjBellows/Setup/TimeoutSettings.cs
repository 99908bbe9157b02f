namespace FjBellows.Setup;

/// <summary>How long things may take before they count as broken.</summary>
public sealed record TimeoutSettings
{
    /// <summary>From the create call to the first readiness (invariant W5).</summary>
    public TimeSpan Boot { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The longest a create call may take.</summary>
    public TimeSpan Create { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an instance whose create answer was lost is looked for by name before the create counts as failed.</summary>
    public TimeSpan CreateLookup { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long an idle worker may be unreachable before it is given up.</summary>
    public TimeSpan IdleConnectionLoss { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a busy worker may be unreachable before its job counts as lost. At least 10 minutes: a job survives a network cut
    /// of that length (invariant W14).</summary>
    public TimeSpan BusyConnectionLoss { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a busy worker must be disconnected before a cloud is believed that no longer lists its instance (invariant
    /// W11).</summary>
    public TimeSpan BusyAbsence { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The longest a job may run, from its dispatch; zero means no limit (invariant J8).</summary>
    public TimeSpan MaxJobRuntime { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How long a process may outlive its registration before it gets SIGTERM (invariant J9).</summary>
    public TimeSpan CancelNotice { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>From SIGTERM to SIGKILL of a process whose registration is gone: it can report nothing any more (invariant J9).</summary>
    public TimeSpan RevokedGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>From SIGTERM to SIGKILL of a process that can still report: post steps may run (invariant J8).</summary>
    public TimeSpan CancelGrace { get; init; } = TimeSpan.FromSeconds(70);

    /// <summary>How long an unknown instance of ours must be seen before it is deleted (invariant O2).</summary>
    public TimeSpan OrphanGrace { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The longest an idle worker is asked whether it is truly idle before its deletion goes on (invariant W10).</summary>
    public TimeSpan IdleProof { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first and the longest time a job is held back after a dispatch found no task for it (invariant J7).</summary>
    public BackoffSettings NoTaskHold { get; init; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5));

    /// <summary>Between retries of a refused deletion (invariant W7).</summary>
    public BackoffSettings DeleteRetry { get; init; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

    /// <summary>Between create calls after the cloud refused one (invariant R2).</summary>
    public BackoffSettings CreateRetry { get; init; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

    /// <summary>Between attempts to connect to a worker that does not answer.</summary>
    public BackoffSettings ConnectRetry { get; init; } = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    /// <summary>For how long the outcomes of dispatches and the names of removed workers are kept in memory to judge late observations
    /// by.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromHours(1);
}
