namespace FjBellows.Dispatch;

/// <summary>How a runner process ended.</summary>
/// <param name="ExitCode">Its exit code; null when it vanished without leaving one (killed with its worker's boot, or by hand).</param>
/// <param name="LogTail">The last lines of its output, at most 4 KiB.</param>
public sealed record JobExit(int? ExitCode, string LogTail)
{
    /// <summary>What the runner's log says about its search for a task.</summary>
    public RunnerProgress Progress { get; init; } = RunnerProgress.None;

    /// <summary>Who vouches for the exit code.</summary>
    public ExitSource Source { get; init; } = ExitSource.File;
}
