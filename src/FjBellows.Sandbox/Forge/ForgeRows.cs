using System.Text.Json.Serialization;

namespace FjBellows.Sandbox.Forge;

/// <summary>A user or an organisation.</summary>
internal sealed class OwnerRow
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    public required bool IsOrganization { get; init; }

    /// <summary>Names of the accounts that own the organisation.</summary>
    public List<string> Owners { get; init; } = [];
}

internal sealed class RepositoryRow
{
    public required long Id { get; init; }

    /// <summary>Who owns it now; its jobs keep the owner they were queued under.</summary>
    public required long OwnerId { get; set; }

    public required string Name { get; init; }

    /// <summary>True while the Actions unit is switched off.</summary>
    public bool ActionsOff { get; set; }
}

internal sealed class RunRow
{
    public required long Id { get; init; }

    public required long RepositoryId { get; init; }

    /// <summary>Counts the runs of its repository from 1.</summary>
    public required long Number { get; init; }

    public required string Workflow { get; init; }

    public required string Title { get; init; }

    public required string Event { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    public int Priority { get; set; }
}

internal sealed class RunnerRow
{
    public required long Id { get; init; }

    public required string Uuid { get; init; }

    /// <summary>SHA-256 of the token: the state file holds no secret of a runner.</summary>
    public required string TokenHash { get; init; }

    public required long OwnerId { get; init; }

    public required long RepositoryId { get; init; }

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required bool Ephemeral { get; init; }

    public string Version { get; set; } = "";

    public string[]? Labels { get; set; }

    public DateTimeOffset? LastOnline { get; set; }

    public DateTimeOffset? LastActive { get; set; }

    /// <summary>True from its first task on: an ephemeral runner never gets a second.</summary>
    public bool HadTask { get; set; }
}

internal sealed class JobRow
{
    public required long Id { get; init; }

    public required long RunId { get; init; }

    public required long RepositoryId { get; init; }

    public required long OwnerId { get; init; }

    public required string Name { get; init; }

    public required string Key { get; init; }

    public required string[] Needs { get; init; }

    public required string[] RunsOn { get; init; }

    public required string Payload { get; init; }

    public string? ConcurrencyGroup { get; init; }

    public bool CancelInProgress { get; init; }

    public bool RunsAfterFailure { get; init; }

    public bool NeverRuns { get; init; }

    public long Attempt { get; set; } = 1;

    public string Handle { get; set; } = "";

    public ForgeJobStatus Status { get; set; }

    public DateTimeOffset? QueuedAt { get; set; }

    public long TaskId { get; set; }

    public List<long> Tasks { get; init; } = [];

    [JsonIgnore]
    public bool IsOpen => Status is ForgeJobStatus.Blocked or ForgeJobStatus.Waiting or ForgeJobStatus.Running;
}

internal sealed class TaskRow
{
    public required long Id { get; init; }

    public required long JobId { get; init; }

    public required long Attempt { get; init; }

    public required long RunnerId { get; init; }

    public required string RunnerName { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public string? RequestKey { get; init; }

    public DateTimeOffset? StoppedAt { get; set; }

    public DateTimeOffset LastHeard { get; set; }

    public ForgeJobStatus Result { get; set; } = ForgeJobStatus.Running;

    public List<string> Log { get; init; } = [];

    public bool LogClosed { get; set; }

    public Dictionary<string, string> Outputs { get; init; } = [];
}

/// <summary>Everything the stand-in knows, as its state file holds it.</summary>
internal sealed class ForgeSnapshot
{
    public int Format { get; init; } = 1;

    public long NextId { get; set; } = 1;

    public long NextOwnerId { get; set; } = 1;

    public long NextRepositoryId { get; set; } = 1;

    public long NextRunnerId { get; set; } = 1;

    public long NextRunId { get; set; } = 1;

    public long NextTaskId { get; set; } = 1;

    public long TasksVersion { get; set; } = 1;

    public List<OwnerRow> Owners { get; init; } = [];

    public List<RepositoryRow> Repositories { get; init; } = [];

    public List<RunnerRow> Runners { get; init; } = [];

    public List<RunRow> Runs { get; init; } = [];

    public List<JobRow> Jobs { get; init; } = [];

    public List<TaskRow> Tasks { get; init; } = [];
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(ForgeSnapshot))]
internal sealed partial class ForgeSnapshotJson : JsonSerializerContext;
