namespace FjBellows.Workers;

/// <summary>Where a worker stands in its life. It only ever moves down this list, but for Idle and Busy, between which it goes back and
/// forth.</summary>
public enum WorkerPhase
{
    /// <summary>Intended, created, booting; not yet proven ready.</summary>
    Provisioning,

    /// <summary>Proven ready, or believed so from before a restart and not yet proven again; no job.</summary>
    Idle,

    /// <summary>A job is assigned.</summary>
    Busy,

    /// <summary>Takes no job any more; one that runs ends first.</summary>
    Draining,

    /// <summary>Being deleted until proven absent. Never dispatchable again (invariant W7).</summary>
    Removing,

    /// <summary>Proven absent, or never created.</summary>
    Removed,
}
