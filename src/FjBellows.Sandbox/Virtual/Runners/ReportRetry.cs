namespace FjBellows.Sandbox.Virtual;

/// <summary>How often a runner tries to deliver a job's result, and how long it pauses between two tries
/// (<c>runner.report_retry</c>).</summary>
/// <param name="Attempts">The number of tries, the first included.</param>
/// <param name="First">The first pause; each further one is twice as long.</param>
/// <param name="Longest">The longest pause; null for no limit.</param>
public sealed record ReportRetry(int Attempts, TimeSpan First, TimeSpan? Longest = null)
{
    /// <summary>What forgejo-runner 12.8 does without <c>report_retry</c>: ten tries in 51 s.</summary>
    public static ReportRetry RunnerDefault { get; } = new(10, TimeSpan.FromMilliseconds(100));

    /// <summary>All pauses together: how long Forgejo may be away without losing a result.</summary>
    public TimeSpan Window => Enumerable.Range(1, Math.Max(0, Attempts - 1)).Aggregate(TimeSpan.Zero, (sum, n) => sum + PauseAfter(n));

    /// <summary>The pause after a failed try.</summary>
    /// <param name="attempt">The try, from 1.</param>
    public TimeSpan PauseAfter(int attempt)
    {
        var pause = First * Math.Pow(2, Math.Clamp(attempt - 1, 0, 40));
        return Longest is { } longest && pause > longest ? longest : pause;
    }
}
