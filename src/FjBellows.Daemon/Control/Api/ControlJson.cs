using System.Text.Json;
using System.Text.Json.Serialization;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Daemon.Control.Api;

/// <summary>How the control plane's records look as JSON: names and words in snake_case, times in ISO 8601, durations in seconds, numbers
/// of money as numbers.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [
        typeof(SnakeCaseWords<WorkerPhase>), typeof(SnakeCaseWords<OutcomeKind>), typeof(SnakeCaseWords<NoticeKind>),
        typeof(SnakeCaseWords<PoolSource>), typeof(SnakeCaseWords<JobState>)])]
[JsonSerializable(typeof(HealthInfo))]
[JsonSerializable(typeof(StatusInfo))]
[JsonSerializable(typeof(IReadOnlyList<PoolInfo>))]
[JsonSerializable(typeof(IReadOnlyList<WorkerInfo>))]
[JsonSerializable(typeof(JobsInfo))]
[JsonSerializable(typeof(IReadOnlyList<EventInfo>))]
[JsonSerializable(typeof(IReadOnlyList<LogInfo>))]
[JsonSerializable(typeof(IReadOnlyList<ProviderInfo>))]
[JsonSerializable(typeof(ConfigInfo))]
[JsonSerializable(typeof(IReadOnlyList<CostInfo>))]
[JsonSerializable(typeof(ExplainInfo))]
[JsonSerializable(typeof(ErrorInfo))]
[JsonSerializable(typeof(PoolRequest))]
[JsonSerializable(typeof(ProvisionRequest))]
[JsonSerializable(typeof(DeleteRequest))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(ReleaseRequest))]
[JsonSerializable(typeof(ExecRequest))]
[JsonSerializable(typeof(CommandInfo))]
[JsonSerializable(typeof(ExecInfo))]
[JsonSerializable(typeof(ReloadInfo))]
internal sealed partial class ControlJson : JsonSerializerContext;

/// <summary>An enumeration as words in snake_case.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal sealed class SnakeCaseWords<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
