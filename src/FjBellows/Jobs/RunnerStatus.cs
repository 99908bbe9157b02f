namespace FjBellows.Jobs;

/// <summary>What Forgejo last heard of a runner.</summary>
public enum RunnerStatus
{
    /// <summary>Nothing for a minute, or never.</summary>
    Offline,

    /// <summary>A call within the last minute.</summary>
    Idle,

    /// <summary>A task's report within the last ten seconds.</summary>
    Active,

    /// <summary>A word this version does not know.</summary>
    Unknown,
}
