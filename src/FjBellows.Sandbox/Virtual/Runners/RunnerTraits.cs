namespace FjBellows.Sandbox.Virtual;

/// <summary>What a runner was given on its command line and in its configuration, as far as it decides what becomes of a job.</summary>
/// <param name="Retry">How it delivers results.</param>
/// <param name="Waits">True with <c>--wait</c>: a fetch that failed is asked again with the same request key. False: one fetch, then exit
/// 2.</param>
public sealed record RunnerTraits(ReportRetry Retry, bool Waits)
{
    /// <summary>A runner without <c>--wait</c> and <c>report_retry</c>.</summary>
    public static RunnerTraits Plain { get; } = new(ReportRetry.RunnerDefault, Waits: false);

    /// <summary>With <c>--wait</c>: how long after the first good answer without a task whoever started the runner ends its wait; null for
    /// never.</summary>
    public TimeSpan? EndsWaitAfter { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Between two fetches of a runner that waits.</summary>
    public TimeSpan FetchInterval { get; init; } = TimeSpan.FromSeconds(2);
}
