using System.Text.Json.Serialization;
using FjBellows.Jobs;

namespace FjBellows.Forgejo;

/// <summary>A job as the queue lists it. What identifies a job is required: an item lacking it is no job.</summary>
internal sealed record WireJob
{
    public required long Id { get; init; }

    public required string Status { get; init; }

    public long Attempt { get; init; }

    public string? Handle { get; init; }

    public long RepoId { get; init; }

    public long OwnerId { get; init; }

    public string? Name { get; init; }

    public IReadOnlyList<string>? RunsOn { get; init; }

    public long TaskId { get; init; }

    public string? HtmlUrl { get; init; }

    public long? RunId { get; init; }

    public QueuedJob ToJob() => new(
        Id,
        Attempt,
        Handle ?? "",
        RepoId,
        OwnerId,
        Name ?? "",
        RunsOn ?? [],
        Status switch { "waiting" => JobStatus.Waiting, "running" => JobStatus.Running, _ => JobStatus.Other },
        TaskId)
    {
        RunId = RunId,
        HtmlUrl = HtmlUrl,
    };
}

/// <summary>A registration as the list and the single look-up give it.</summary>
internal sealed record WireRunner
{
    public required long Id { get; init; }

    public string? Uuid { get; init; }

    public required string Name { get; init; }

    public string? Status { get; init; }

    public bool Ephemeral { get; init; }

    public RegisteredRunner ToRunner() => new(
        Id,
        Uuid ?? "",
        Name,
        Status switch
        {
            "offline" => RunnerStatus.Offline,
            "idle" => RunnerStatus.Idle,
            "active" => RunnerStatus.Active,
            _ => RunnerStatus.Unknown,
        },
        Ephemeral);
}

/// <summary>A repository, of which only this much is read.</summary>
internal sealed record WireRepository
{
    public required long Id { get; init; }

    public required string FullName { get; init; }

    public WireOwner? Owner { get; init; }

    /// <summary>Absent where Forgejo is older than the field: then nothing is concluded.</summary>
    public bool? HasActions { get; init; }
}

internal sealed record WireOwner(long Id);

/// <summary>A task of the past.</summary>
internal sealed record WireTask
{
    public required long Id { get; init; }

    public string? Name { get; init; }

    public string? Status { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("run_started_at")]
    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }
}

internal sealed record WireRegistration(string Name, string Description, bool Ephemeral);

internal sealed record WireCredentials
{
    public required long Id { get; init; }

    public required string Uuid { get; init; }

    public required string Token { get; init; }
}

internal sealed record WireVersion
{
    public required string Version { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(IReadOnlyList<WireJob>))]
[JsonSerializable(typeof(IReadOnlyList<WireRunner>))]
[JsonSerializable(typeof(IReadOnlyList<WireTask>))]
[JsonSerializable(typeof(WireRegistration))]
[JsonSerializable(typeof(WireRepository))]
[JsonSerializable(typeof(WireCredentials))]
[JsonSerializable(typeof(WireVersion))]
internal sealed partial class WireJson : JsonSerializerContext;
