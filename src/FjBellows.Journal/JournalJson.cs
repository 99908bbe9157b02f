using System.Text.Json.Serialization;
using FjBellows.Pool;
using FjBellows.Workers;
using static FjBellows.Pool.PoolProtocol;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Journal;

/// <summary>How everything that is kept looks as JSON. A field may be added to a kept record only with a default; any other change of shape
/// needs a new manifest in <see cref="JournalManifests"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(InstanceIdConverter), typeof(DispatchIdConverter), typeof(JobKeyConverter), typeof(StorableTextConverter)])]
[JsonSerializable(typeof(WorkerIntended))]
[JsonSerializable(typeof(InstanceCreated))]
[JsonSerializable(typeof(AddressesLearned))]
[JsonSerializable(typeof(HostKeyPinned))]
[JsonSerializable(typeof(WorkerBecameReady))]
[JsonSerializable(typeof(JobAssigned))]
[JsonSerializable(typeof(RunnerRegistered))]
[JsonSerializable(typeof(JobStarted))]
[JsonSerializable(typeof(JobAged))]
[JsonSerializable(typeof(MomentsCorrected))]
[JsonSerializable(typeof(JobEnded))]
[JsonSerializable(typeof(BillingRenewed))]
[JsonSerializable(typeof(DrainStarted))]
[JsonSerializable(typeof(RemovalStarted))]
[JsonSerializable(typeof(InstanceGone))]
[JsonSerializable(typeof(WorkerPlanned))]
[JsonSerializable(typeof(WorkerEnded))]
[JsonSerializable(typeof(WorkerPurged))]
[JsonSerializable(typeof(PoolPaused))]
[JsonSerializable(typeof(PoolResumed))]
[JsonSerializable(typeof(WorkerState))]
[JsonSerializable(typeof(PoolJournalState))]
[JsonSerializable(typeof(DispatchOutcome))]
[JsonSerializable(typeof(WorkerLedger))]
[JsonSerializable(typeof(PoolNotice))]
[JsonSerializable(typeof(PoolIdentity))]
internal sealed partial class JournalJson : JsonSerializerContext;
