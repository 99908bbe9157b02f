namespace FjBellows.Sandbox.Runner;

/// <summary>How often forgejo-runner reports the end of a task before it gives up, and its pauses: they double, up to a limit.</summary>
/// <param name="MaxTries"><c>max_retries</c>, which counts tries, the first among them.</param>
/// <param name="InitialDelay"><c>initial_delay</c>.</param>
/// <param name="MaxDelay"><c>max_delay</c>; null for none.</param>
internal sealed record ReportRetry(int MaxTries, TimeSpan InitialDelay, TimeSpan? MaxDelay)
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>The pause after a number of failed tries; null when there is no further try.</summary>
    /// <param name="failed">How many tries have failed, from 1.</param>
    public TimeSpan? PauseAfter(int failed)
    {
        if (failed >= MaxTries)
        {
            return null;
        }

        var doubled = InitialDelay.TotalSeconds * Math.Pow(2, failed - 1);
        return TimeSpan.FromSeconds(Math.Min(doubled, (MaxDelay ?? Longest).TotalSeconds));
    }
}
