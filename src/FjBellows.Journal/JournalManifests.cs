using System.Collections.Frozen;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Pool;
using FjBellows.Workers;
using static FjBellows.Journal.JournalJson;

namespace FjBellows.Journal;

/// <summary>The names by which records are kept. A name is frozen without end: a record that changes its shape gets a new name with a
/// higher number, and the old name stays here with something that still reads it. To keep a new type, name it here and in
/// <see cref="JournalJson"/>, and give it a fixture beside the tests; a snapshot also has an
/// initial value in <see cref="Blanks"/>.</summary>
internal static class JournalManifests
{
    /// <summary>What actors persist and snapshot.</summary>
    public static FrozenDictionary<string, JsonTypeInfo> Persisted { get; } = new Dictionary<string, JsonTypeInfo>
    {
        ["w.intended.1"] = Default.WorkerIntended,
        ["w.instance-created.1"] = Default.InstanceCreated,
        ["w.addresses-learned.1"] = Default.AddressesLearned,
        ["w.host-key-pinned.1"] = Default.HostKeyPinned,
        ["w.became-ready.1"] = Default.WorkerBecameReady,
        ["w.job-assigned.1"] = Default.JobAssigned,
        ["w.runner-registered.1"] = Default.RunnerRegistered,
        ["w.job-started.1"] = Default.JobStarted,
        ["w.job-aged.1"] = Default.JobAged,
        ["w.moments-corrected.1"] = Default.MomentsCorrected,
        ["w.job-ended.1"] = Default.JobEnded,
        ["w.paid-time-renewed.1"] = Default.BillingRenewed,
        ["w.drain-started.1"] = Default.DrainStarted,
        ["w.removal-started.1"] = Default.RemovalStarted,
        ["w.instance-gone.1"] = Default.InstanceGone,
        ["w.state.1"] = Default.WorkerState,
        ["p.worker-planned.1"] = Default.WorkerPlanned,
        ["p.worker-ended.1"] = Default.WorkerEnded,
        ["p.worker-purged.1"] = Default.WorkerPurged,
        ["p.paused.1"] = Default.PoolPaused,
        ["p.resumed.1"] = Default.PoolResumed,
        ["p.state.1"] = Default.PoolJournalState,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Snapshots in the state before their first event: what a field has that an old snapshot lacks.</summary>
    public static FrozenDictionary<Type, object> Blanks { get; } = new Dictionary<Type, object>
    {
        [typeof(WorkerState)] = WorkerState.Empty,
        [typeof(PoolJournalState)] = PoolJournalState.Empty,
    }.ToFrozenDictionary();

    /// <summary>What the history keeps in tables of its own.</summary>
    public static FrozenDictionary<string, JsonTypeInfo> Remembered { get; } = new Dictionary<string, JsonTypeInfo>
    {
        ["h.outcome.1"] = Default.DispatchOutcome,
        ["h.ledger.1"] = Default.WorkerLedger,
        ["h.notice.1"] = Default.PoolNotice,
        ["h.pool-identity.1"] = Default.PoolIdentity,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
