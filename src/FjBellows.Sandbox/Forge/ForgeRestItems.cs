using System.Text.Json.Serialization;

namespace FjBellows.Sandbox.Forge;

internal sealed record VersionItem(string Version);

internal sealed record SettingsItem(int MaxResponseItems, int DefaultPagingNum, int DefaultGitTreesPerPage, int DefaultMaxBlobSize);

internal sealed record ErrorItem(string Message, string Url);

internal sealed record NotFoundItem(string Message, string Url, string[] Errors);

internal sealed record RegisterBody(string? Name, string? Description, bool? Ephemeral);

internal sealed record RegisteredItem(long Id, string Uuid, string Token);

internal sealed record JobItem(
    long Id,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? RunId,
    long Attempt,
    string Handle,
    long RepoId,
    long OwnerId,
    string Name,
    IReadOnlyList<string>? Needs,
    IReadOnlyList<string> RunsOn,
    long TaskId,
    string Status)
{
    public static JobItem Of(ForgeJob job, ForgeRelease release) => new(
        job.Id,
        release == ForgeRelease.Forgejo15 ? null : job.RunId,
        job.Attempt,
        job.Handle,
        job.RepositoryId,
        job.OwnerId,
        job.Name,
        job.Needs.Count == 0 ? null : job.Needs,
        job.RunsOn,
        job.TaskId,
        Word(job.Status));

    public static string Word(ForgeJobStatus status) => status.ToString().ToLowerInvariant();
}

internal sealed record TasksItem(int TotalCount, TaskItem[] WorkflowRuns);

internal sealed record TaskItem(
    long Id,
    string Name,
    long RunNumber,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    DateTimeOffset RunStartedAt);

internal sealed record RunnerItem(
    long Id,
    string Uuid,
    long OwnerId,
    long RepoId,
    string Name,
    string Status,
    string Version,
    IReadOnlyList<string>? Labels,
    string Description,
    bool Ephemeral);

internal sealed record RunsItem(int TotalCount, RunItem[] WorkflowRuns);

internal sealed record RunItem(
    long Id,
    string Title,
    RepositoryItem Repository,
    string WorkflowId,
    long IndexInRepo,
    UserItem TriggerUser,
    [property: JsonPropertyName("ScheduleID")] long ScheduleId,
    string Prettyref,
    bool IsRefDeleted,
    string CommitSha,
    bool IsForkPullRequest,
    bool NeedApproval,
    long ApprovedBy,
    string Event,
    string EventPayload,
    string TriggerEvent,
    string Status,
    string Started,
    string Stopped,
    string Created,
    string Updated,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Duration,
    string HtmlUrl);

/// <summary>What an autoscaler may read of a repository; Forgejo sends some fifty properties more.</summary>
internal sealed record RepositoryItem(
    long Id, UserItem Owner, string Name, string FullName, bool Private, string HtmlUrl, string Url, string CloneUrl, string DefaultBranch,
    bool HasActions);

internal sealed record UserItem(long Id, string Login, string FullName, string HtmlUrl, string Username);

internal sealed record DispatchBody(string? Ref, bool ReturnRunInfo);

internal sealed record DispatchedItem(long Id, long RunNumber, string[] Jobs);

internal sealed record RerunItem(string Redirect);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VersionItem))]
[JsonSerializable(typeof(SettingsItem))]
[JsonSerializable(typeof(ErrorItem))]
[JsonSerializable(typeof(NotFoundItem))]
[JsonSerializable(typeof(RegisterBody))]
[JsonSerializable(typeof(RegisteredItem))]
[JsonSerializable(typeof(JobItem[]))]
[JsonSerializable(typeof(TasksItem))]
[JsonSerializable(typeof(RunsItem))]
[JsonSerializable(typeof(RunItem))]
[JsonSerializable(typeof(RepositoryItem))]
[JsonSerializable(typeof(DispatchBody))]
[JsonSerializable(typeof(DispatchedItem))]
[JsonSerializable(typeof(RerunItem))]
[JsonSerializable(typeof(RunnerItem))]
[JsonSerializable(typeof(RunnerItem[]))]
internal sealed partial class ForgeRestJson : JsonSerializerContext;
