using System.Text.Json.Serialization;

namespace FjBellows.Jobs;

/// <summary>The states in which Forgejo lists a job on its queue. Everything that is neither waiting nor running is <see cref="Other"/>
/// and never causes anything.</summary>
public enum JobStatus
{
    /// <summary>No runner has it: demand (invariant J1).</summary>
    Waiting,

    /// <summary>A runner has it.</summary>
    Running,

    /// <summary>A state this version does not know.</summary>
    Other,
}

/// <summary>One attempt of a job as Forgejo's queue lists it (<c>GET …/actions/runners/jobs</c>, Forgejo 15 and later).</summary>
/// <param name="Id">Job id, stable over reruns, ascending with age: the smaller, the older.</param>
/// <param name="Attempt">Attempt number from 1; 0 where Forgejo does not tell.</param>
/// <param name="Handle">The attempt's handle, empty for jobs queued before Forgejo 15.</param>
/// <param name="RepoId">The repository's id.</param>
/// <param name="OwnerId">The repository owner's id.</param>
/// <param name="Name">The job's name in its workflow.</param>
/// <param name="RunsOn">Bare label names the job asks for.</param>
/// <param name="Status">Where the job stands.</param>
/// <param name="TaskId">The task that runs it; 0 while it waits.</param>
public sealed record QueuedJob(
    long Id,
    long Attempt,
    string Handle,
    long RepoId,
    long OwnerId,
    string Name,
    [property: JsonPropertyOrder(1)] IReadOnlyList<string> RunsOn,
    [property: JsonPropertyOrder(1)] JobStatus Status,
    [property: JsonPropertyOrder(1)] long TaskId)
{
    // The orders keep the sequence in which records of before were written.
    private readonly string? _repo;

    /// <summary>The job's name in its workflow, cleaned (invariant S10).</summary>
    public string Name { get; init; } = OutsideText.Clean(Name, OutsideText.NameLimit);

    /// <summary>The repository as <c>owner/name</c>; null where Forgejo gave its id only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonPropertyOrder(1)]
    public string? Repo
    {
        get => _repo;
        init => _repo = value is null ? null : OutsideText.Clean(value, OutsideText.NameLimit);
    }

    /// <summary>The workflow run it belongs to; null where Forgejo does not tell, as before version 16.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? RunId { get; init; }

    /// <summary>The web page of its run; null where Forgejo does not tell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? HtmlUrl { get; init; }

    /// <summary>Why Forgejo lists it and hands it to no runner of the scope; null where nothing of the kind is known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JobHold? Hold { get; init; }

    /// <summary>The attempt's key.</summary>
    public JobKey Key => JobKey.Of(Id, Attempt, Handle);

    /// <summary>True when the job is demand: waiting, no task has it, and Forgejo would hand it out (invariants J1, J14).</summary>
    public bool IsDemand => Status == JobStatus.Waiting && TaskId == 0 && Hold is null;

    /// <summary>How people call the job: its name and id.</summary>
    public override string ToString() => $"{Name} (job {Id}, attempt {Attempt})";
}
