using System.Text.Json.Serialization;
using FjBellows.Dispatch;
using FjBellows.Jobs;

namespace FjBellows.Ledger;

/// <summary>One job on one worker, from the decision on.</summary>
/// <param name="Dispatch">The dispatch; its runner's name in Forgejo too.</param>
/// <param name="Job">The job as it was listed when it was assigned.</param>
/// <param name="AssignedAt">When the decision was written down.</param>
/// <param name="Warm">True when the worker had been idle and ready before the job was assigned without having been created for it.</param>
/// <param name="RunnerId">Its registration in Forgejo, null until registered.</param>
/// <param name="RunnerUuid">Its registration's uuid.</param>
/// <param name="StartedAt">When its process was known to run, null until then.</param>
public sealed record Assignment(
    DispatchId Dispatch,
    QueuedJob Job,
    DateTimeOffset AssignedAt,
    bool Warm,
    long? RunnerId = null,
    string? RunnerUuid = null,
    DateTimeOffset? StartedAt = null)
{
    /// <summary>When the pool first saw the job waiting; null in records of before it was kept.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? SeenAt { get; init; }
}
