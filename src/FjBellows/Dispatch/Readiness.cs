namespace FjBellows.Dispatch;

/// <summary>Whether a worker can run a job.</summary>
/// <param name="Ready">True when everything that was asked is in place.</param>
/// <param name="Failed">True when waiting longer is useless: the bootstrap itself reports a failure.</param>
/// <param name="Detail">What is missing, with the last lines of the boot log; or the runner's version when ready.</param>
public sealed record Readiness(bool Ready, bool Failed, string Detail)
{
    /// <summary>Free bytes where jobs work; null where the worker did not say.</summary>
    public long? FreeDisk { get; init; }

    /// <summary>True when less is free than <see cref="RunnerSetup.DiskFloor"/> asks for, after unused images and build cache were removed
    /// (invariant W21). The worker is then not <see cref="Ready"/>.</summary>
    public bool LowDisk { get; init; }
}
