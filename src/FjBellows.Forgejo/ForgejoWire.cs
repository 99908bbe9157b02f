using System.Text.Json.Serialization;

namespace FjBellows.Forgejo;

/// <summary>A job as the queue lists it. What a job cannot be told without is required: an item lacking it is no job.</summary>
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
}

/// <summary>A registration as the list and the single look-up give it.</summary>
internal sealed record WireRunner
{
    public required long Id { get; init; }

    public string? Uuid { get; init; }

    public required string Name { get; init; }

    public string? Status { get; init; }

    public bool Ephemeral { get; init; }
}

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
[JsonSerializable(typeof(WireCredentials))]
[JsonSerializable(typeof(WireVersion))]
internal sealed partial class WireJson : JsonSerializerContext;
