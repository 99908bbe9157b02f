namespace FjBellows.Dispatch;

/// <summary>What a worker runs for a dispatch.</summary>
/// <param name="Uuid">The registration's uuid.</param>
/// <param name="Token">The registration's token.</param>
/// <param name="Labels">The labels in full form, each for its own <c>--label</c>.</param>
/// <param name="Handle">The job attempt's handle; empty means that <c>--handle</c> is left out (invariant J3).</param>
public sealed record JobLaunch(DispatchId Dispatch, string Uuid, Secret Token, IReadOnlyList<string> Labels, string Handle)
{
    /// <summary>After how long the runner itself ends the job, should no one else do it; null for never. Left to itself, it does so after
    /// three hours.</summary>
    public TimeSpan? RunnerTimeout { get; init; }

    /// <summary>How often a waiting runner asks for its task. Long enough that an end asked for after an answer without a task
    /// (<see cref="IWorkerSession.EndWaitAsync"/>) is over before the next request, which could be answered with one.</summary>
    public static TimeSpan FetchInterval { get; } = TimeSpan.FromSeconds(20);

    /// <summary>True for a runner that asks again, with the same key, when an answer is lost (invariant J7). It waits without end; whoever
    /// starts it ends the wait with <see cref="IWorkerSession.EndWaitAsync"/> once Forgejo has answered without a task.</summary>
    public bool Wait { get; init; }

    /// <summary>The repository whose cache the job may use; null for a cache that goes with the dispatch.</summary>
    public long? RepositoryId { get; init; }
}
