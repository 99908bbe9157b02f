namespace FjBellows.Dispatch;

/// <summary>What became of a request to end a runner's wait for a task.</summary>
public enum WaitEnd
{
    /// <summary>Forgejo's last answer held no task, and the runner was asked to end between two requests.</summary>
    Ended,

    /// <summary>The runner has a task and goes on.</summary>
    HasTask,

    /// <summary>The last request has no answer yet, or is not answered well: Forgejo may have assigned the job. The runner goes on
    /// asking.</summary>
    Unanswered,

    /// <summary>The next request is too close; ask again in some seconds.</summary>
    TooLate,

    /// <summary>The runner has ended already.</summary>
    NotRunning,
}
