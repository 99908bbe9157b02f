namespace FjBellows.Dispatch;

/// <summary>What can be sent to a runner process.</summary>
public enum RunnerSignal
{
    /// <summary>SIGTERM: cancels the job, post steps may run.</summary>
    Terminate,

    /// <summary>SIGKILL to the whole process group.</summary>
    Kill,
}
