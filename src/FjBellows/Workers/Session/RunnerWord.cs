namespace FjBellows.Workers.Session;

/// <summary>What a runner's log says about its polls. A job on a shared worker could forge it, so it times decisions and never is evidence
/// (invariant J11).</summary>
internal enum RunnerWord
{
    /// <summary>Forgejo answered and gave no task: the next poll comes after <c>runner.fetch_interval</c>.</summary>
    NoTask,

    /// <summary>The answer was lost: Forgejo may have assigned the job, and the runner asks again.</summary>
    PollFailed,

    /// <summary>It has a task.</summary>
    TaskFetched,
}

/// <summary>Finds a <see cref="RunnerWord"/> in a line of forgejo-runner's log.</summary>
internal static class RunnerWords
{
    /// <summary>The word that a line holds; null for none.</summary>
    public static RunnerWord? In(string line) =>
        line.Contains("fetched one task", StringComparison.Ordinal) ? RunnerWord.TaskFetched
        : line.Contains("received no task", StringComparison.Ordinal) ? RunnerWord.NoTask
        : line.Contains("failed to fetch task", StringComparison.Ordinal) ? RunnerWord.PollFailed
        : null;
}
