using System.Text.Json.Serialization;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Workers.Reasons;

namespace FjBellows.Workers;

/// <summary>The messages of a worker: commands and reports. Its own timers and the answers of its effects are private to it.</summary>
internal static class WorkerProtocol
{
    /// <summary>Something that a worker's life reacts to.</summary>
    public interface IWorkerInput;

    /// <summary>Something the pool tells a worker.</summary>
    public interface IWorkerCommand : IWorkerInput;

    /// <summary>Something a worker tells its pool.</summary>
    public interface IWorkerReport;

    /// <summary>Something that happened to a worker and is written down. Past tense; carries no secret.</summary>
    public interface IWorkerEvent
    {
        /// <summary>When it happened.</summary>
        DateTimeOffset At { get; }
    }

    /// <summary>Create the worker: journal the intent, call the cloud, boot. Ignored by a worker whose journal is not empty.</summary>
    /// <param name="Why">Why it is provisioned.</param>
    public sealed record Provision(string Why) : IWorkerCommand;

    /// <summary>Take over an orphaned instance (invariant O2). Where its host key is known it is connected to, keeps its tunnel while a
    /// runner process lives on it, and is deleted when none does; without a way to connect it is deleted at once.</summary>
    /// <param name="HostKey">The public host key it must show; null where none is known.</param>
    /// <param name="Reason">Why it is an orphan.</param>
    public sealed record AdoptOrphan(Instance Instance, string? HostKey, RemovalReason Reason) : IWorkerCommand
    {
        /// <summary>The registration of a runner on it that Forgejo last listed; null where it listed none.</summary>
        public RegisteredRunner? Runner { get; init; }
    }

    /// <summary>Run a job. Taken only in Idle with a proven session, and when the last outcome was recorded; answered with
    /// <see cref="Changed"/> or <see cref="AssignRefused"/>.</summary>
    /// <param name="Warm">True when no job had to wait for the worker's boot.</param>
    /// <param name="SeenAt">When the pool first saw the job waiting; null where that is not known.</param>
    public sealed record Assign(QueuedJob Job, bool Warm, DateTimeOffset? SeenAt = null) : IWorkerCommand;

    /// <summary>Belong to the reserve, or no longer: an idle worker of the reserve begins another billing period instead of
    /// draining.</summary>
    /// <param name="Until">Until when it is wanted; null when it is not.</param>
    public sealed record KeepInReserve(DateTimeOffset? Until) : IWorkerCommand;

    /// <summary>Take no further job, and be deleted when idle.</summary>
    public sealed record Drain(RemovalReason Reason) : IWorkerCommand;

    /// <summary>Be deleted now; a running job is lost (invariant W15: the pool has asked for force).</summary>
    public sealed record Delete(RemovalReason Reason) : IWorkerCommand;

    /// <summary>The pool's settings changed: evaluate every deadline again.</summary>
    public sealed record SettingsChanged : IWorkerCommand
    {
        /// <summary>The one instance.</summary>
        public static SettingsChanged Instance { get; } = new();
    }

    /// <summary>Run an operator's command; the sender gets <see cref="CommandRan"/> or
    /// <see cref="CommandRefused"/>.</summary>
    /// <param name="Limit">The longest it may take.</param>
    public sealed record Execute(string Command, TimeSpan Limit) : IWorkerCommand;

    /// <summary>The cloud lists the worker's instance.</summary>
    /// <param name="Instance">As listed.</param>
    /// <param name="RequestedAt">When the listing was asked for (invariant W12).</param>
    public sealed record InstanceSeen(Instance Instance, DateTimeOffset RequestedAt) : IWorkerCommand;

    /// <summary>The cloud's complete listing has no such instance.</summary>
    /// <param name="RequestedAt">When the listing was asked for.</param>
    public sealed record InstanceMissing(DateTimeOffset RequestedAt) : IWorkerCommand;

    /// <summary>Forgejo's complete listing lacks the running dispatch's registration.</summary>
    /// <param name="RunnerId">The registration.</param>
    /// <param name="RequestedAt">When the listing was asked for.</param>
    public sealed record RunnerMissing(long RunnerId, DateTimeOffset RequestedAt) : IWorkerCommand;

    /// <summary>The outcome of a dispatch is safe in the history: it need not be reported again.</summary>
    public sealed record OutcomeRecorded(DispatchId Dispatch) : IWorkerCommand;

    /// <summary>The ledger entry is safe: forget the journal and stop.</summary>
    public sealed record Purge : IWorkerCommand
    {
        /// <summary>The one instance.</summary>
        public static Purge Instance { get; } = new();
    }

    /// <summary>The worker's state changed, or it has just recovered.</summary>
    /// <param name="View">The new state.</param>
    /// <param name="Recovered">True for the first report after a recovery.</param>
    public sealed record Changed(WorkerView View, bool Recovered) : IWorkerReport;

    /// <summary>A dispatch ended. Repeated after a recovery and each minute until <see cref="OutcomeRecorded"/> comes, so that no outcome
    /// is lost; the worker takes no job before that. It is sent before the <see cref="Changed"/> of the same step.</summary>
    /// <param name="Outcome">How it ended.</param>
    public sealed record DispatchEnded(DispatchOutcome Outcome) : IWorkerReport
    {
        /// <summary>True when the dispatch ended before a restart: the pool may have recorded it already.</summary>
        public bool Recovered { get; init; }
    }

    /// <summary>The worker did not take a job.</summary>
    /// <param name="View">The worker's true state.</param>
    public sealed record AssignRefused(WorkerView View, JobKey Job, string Why) : IWorkerReport;

    /// <summary>The instance could not be created; <see cref="Gone"/> follows.</summary>
    /// <param name="Kind">How it failed.</param>
    /// <param name="Message">What the cloud said.</param>
    /// <param name="RetryAfter">How long it asked to wait.</param>
    public sealed record ProvisioningFailed(string Worker, CloudErrorKind Kind, string Message, TimeSpan? RetryAfter) : IWorkerReport
    {
        /// <summary>True when the call may have taken effect and no instance was found: one may still appear (invariant W18).</summary>
        public bool MayAppear { get; init; }
    }

    /// <summary>The worker is proven absent, or was never created, and every outcome is recorded. Repeated after a recovery until
    /// <see cref="Purge"/> comes.</summary>
    /// <param name="Ledger">The account of its life.</param>
    /// <param name="Recovered">True when the worker was gone already before a restart.</param>
    public sealed record Gone(WorkerLedger Ledger, bool Recovered) : IWorkerReport;

    /// <summary>The worker's life was forgotten on <see cref="Purge"/>.</summary>
    public sealed record Purged(string Worker) : IWorkerReport;

    /// <summary>A worker is wanted (W2: written before the cloud is called).</summary>
    /// <param name="Worker">The worker's and instance's name.</param>
    /// <param name="HostKey">The public host key it will show; null where none can be seeded.</param>
    /// <param name="Why">Why it is created.</param>
    public sealed record WorkerIntended(DateTimeOffset At, string Pool, string Worker, string? HostKey, string Why) : IWorkerEvent;

    /// <summary>An instance is known to exist for the worker: the create call answered, or the instance was found by name.</summary>
    /// <param name="InstanceId">The cloud's id.</param>
    /// <param name="CreatedAt">When billing began, by the cloud's clock.</param>
    /// <param name="Addresses">Where to connect; may be empty yet.</param>
    /// <param name="Placement">Region and type.</param>
    /// <param name="HourlyPrice">The price per hour; null where unknown.</param>
    /// <param name="Adopted">True when it was found rather than answered.</param>
    public sealed record InstanceCreated(
        DateTimeOffset At,
        InstanceId InstanceId,
        DateTimeOffset CreatedAt,
        IReadOnlyList<string> Addresses,
        string Placement,
        decimal? HourlyPrice,
        bool Adopted) : IWorkerEvent;

    /// <summary>The instance's addresses became known or changed.</summary>
    /// <param name="Addresses">Where to connect.</param>
    public sealed record AddressesLearned(DateTimeOffset At, IReadOnlyList<string> Addresses) : IWorkerEvent;

    /// <summary>A host key was trusted on first use and is the pin from now on (invariant S2).</summary>
    /// <param name="HostKey">The public key in OpenSSH's form.</param>
    public sealed record HostKeyPinned(DateTimeOffset At, string HostKey) : IWorkerEvent;

    /// <summary>The worker proved ready for the first time.</summary>
    /// <param name="Detail">The runner's version.</param>
    public sealed record WorkerBecameReady(DateTimeOffset At, string Detail) : IWorkerEvent;

    /// <summary>A job was given to the worker: state, job and time in one step (invariant W8).</summary>
    /// <param name="Assignment">The assignment, not yet registered.</param>
    public sealed record JobAssigned(DateTimeOffset At, Assignment Assignment) : IWorkerEvent;

    /// <summary>The dispatch's runner was registered in Forgejo.</summary>
    /// <param name="RunnerId">Forgejo's id.</param>
    /// <param name="Uuid">Its uuid.</param>
    public sealed record RunnerRegistered(DateTimeOffset At, long RunnerId, string Uuid) : IWorkerEvent;

    /// <summary>The dispatch's process runs.</summary>
    public sealed record JobStarted(DateTimeOffset At) : IWorkerEvent;

    /// <summary>The dispatch ended.</summary>
    /// <param name="ExitCode">The runner's exit code.</param>
    /// <param name="Detail">What the operator should know.</param>
    public sealed record JobEnded(DateTimeOffset At, OutcomeKind Kind, int? ExitCode, string Detail) : IWorkerEvent
    {
        /// <summary>What the operator should know, cleaned: it quotes the worker (invariant S10).</summary>
        public string Detail { get; init; } = OutsideText.CleanLines(Detail, OutsideText.MessageLimit);

        /// <summary>What brought it to its end; null in records of before it was kept.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public OutcomeCause? Cause { get; init; }

        /// <summary>How long Forgejo asked to wait before the next registration.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public TimeSpan? RetryAfter { get; init; }

        /// <summary>How long the process ran, by a clock that cannot be set; null in records of before it was kept.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public TimeSpan? Ran { get; init; }

        /// <summary>True when the runner was seen with a task, as Forgejo or its own log says: a worker whose job was lost in
        /// mid-run was provisioned for a job all the same (invariant W18).</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool HadTask { get; init; }
    }

    /// <summary>How long the job has been assigned so far, by a clock that cannot be set (invariants J8, B7). Written now and then, and
    /// when the wall clock was set.</summary>
    /// <param name="At">When, by the wall clock.</param>
    /// <param name="Elapsed">Time since the assignment.</param>
    public sealed record JobAged(DateTimeOffset At, TimeSpan Elapsed) : IWorkerEvent;

    /// <summary>The clock was set, or the cloud's was measured: the moments that billing follows, by the clock from now on (invariants B7,
    /// B8).</summary>
    /// <param name="At">When, by the wall clock.</param>
    /// <param name="CreatedAt">When billing began.</param>
    /// <param name="IdleSince">Since when it idles; null while it does not.</param>
    /// <param name="RenewedUntil">The end of the last billing period that was begun on purpose.</param>
    public sealed record MomentsCorrected(
        DateTimeOffset At, DateTimeOffset? CreatedAt, DateTimeOffset? IdleSince, DateTimeOffset? RenewedUntil) : IWorkerEvent;

    /// <summary>The worker idled at its teardown deadline and is kept for the reserve: another billing period was begun on
    /// purpose.</summary>
    /// <param name="Until">The end of that billing period.</param>
    public sealed record BillingRenewed(DateTimeOffset At, DateTimeOffset Until) : IWorkerEvent;

    /// <summary>No further job is taken.</summary>
    public sealed record DrainStarted(DateTimeOffset At, string Why) : IWorkerEvent
    {
        /// <summary>The reason's code; null in records of before it was kept.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Code { get; init; }

        /// <summary>The event for a reason.</summary>
        public static DrainStarted For(DateTimeOffset at, RemovalReason reason)
        {
            ArgumentNullException.ThrowIfNull(reason);
            return new(at, reason.ToString()) { Code = reason.Code };
        }
    }

    /// <summary>The instance is to be deleted. From here on nothing leads back (invariant W7).</summary>
    public sealed record RemovalStarted(DateTimeOffset At, string Why) : IWorkerEvent
    {
        /// <summary>The reason's code; null in records of before it was kept.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public string? Code { get; init; }

        /// <summary>The event for a reason.</summary>
        public static RemovalStarted For(DateTimeOffset at, RemovalReason reason)
        {
            ArgumentNullException.ThrowIfNull(reason);
            return new(at, reason.ToString()) { Code = reason.Code };
        }
    }

    /// <summary>The instance is proven absent, or none was ever created.</summary>
    /// <param name="Why">How that is known.</param>
    public sealed record InstanceGone(DateTimeOffset At, string Why) : IWorkerEvent;
}
