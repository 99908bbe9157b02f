namespace FjBellows.Pool;

/// <summary>What the end of a dispatch says of the pool's ability to run jobs.</summary>
internal enum DispatchVerdict
{
    /// <summary>A task ran.</summary>
    Ran,

    /// <summary>It could not be started, for a reason that may lie in the worker.</summary>
    FailedOnWorker,

    /// <summary>It could not be started, for a reason outside the worker, such as a refused registration.</summary>
    FailedOutside,

    /// <summary>It says nothing: there was no task, or the cloud took the worker.</summary>
    Neutral,
}

/// <summary>Judges outcomes.</summary>
internal static class DispatchVerdicts
{
    /// <summary>What an outcome says.</summary>
    public static DispatchVerdict Of(DispatchOutcome outcome) => outcome.Kind switch
    {
        OutcomeKind.Completed => DispatchVerdict.Ran,
        OutcomeKind.Cancelled when outcome.Assignment.StartedAt is not null => DispatchVerdict.Ran,
        OutcomeKind.FailedToStart => outcome.Cause switch
        {
            OutcomeCause.DaemonStopped or OutcomeCause.WorkerRemoved or OutcomeCause.InstanceMissing or OutcomeCause.ConnectionAbsent
                or OutcomeCause.Cancelled => DispatchVerdict.Neutral,
            OutcomeCause.RegistrationRefused or OutcomeCause.AssignedNotStarted => DispatchVerdict.FailedOutside,
            _ => DispatchVerdict.FailedOnWorker,
        },
        _ => DispatchVerdict.Neutral,
    };
}
