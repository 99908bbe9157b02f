namespace FjBellows.Sandbox.Forge;

/// <summary>One run of one attempt on one runner.</summary>
/// <param name="Id">Task id.</param>
/// <param name="Attempt">The attempt it ran.</param>
/// <param name="Runner">The name of the runner that took it.</param>
/// <param name="QueuedAt">When the attempt became waiting.</param>
/// <param name="StartedAt">When the runner fetched it.</param>
/// <param name="StoppedAt">When its result came; null while it runs.</param>
/// <param name="Result">Running until it ends.</param>
/// <param name="Log">The log rows received so far.</param>
public sealed record ForgeTask(
    long Id,
    long Attempt,
    string Runner,
    DateTimeOffset QueuedAt,
    DateTimeOffset StartedAt,
    DateTimeOffset? StoppedAt,
    ForgeJobStatus Result,
    IReadOnlyList<string> Log)
{
    /// <summary>How long the attempt waited for this runner.</summary>
    public TimeSpan Wait => StartedAt - QueuedAt;
}
