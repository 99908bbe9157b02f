using System.Text.Json.Serialization;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>The messages of a pool: commands, questions and answers. Send these to the pool actor; replies come to the sender.</summary>
public static class PoolProtocol
{
    /// <summary>An operator's or embedder's command; answered by <see cref="Done"/> or <see cref="CommandRefused"/>.</summary>
    public interface IPoolCommand;

    /// <summary>A question; answered by the record its summary names.</summary>
    public interface IPoolQuery;

    /// <summary>What an observer saw or failed to see.</summary>
    public interface IPoolObservation
    {
        /// <summary>When the request was sent (invariant W12).</summary>
        DateTimeOffset RequestedAt { get; }
    }

    /// <summary>Something that happened to a pool and is written down.</summary>
    public interface IPoolEvent
    {
        /// <summary>When it happened.</summary>
        DateTimeOffset At { get; }
    }

    /// <summary>Stop provisioning and dispatching; running jobs go on and teardown deadlines are kept. Survives a restart.</summary>
    /// <param name="By">Who asked, for the record.</param>
    public sealed record Pause(string By) : IPoolCommand;

    /// <summary>Provision and dispatch again.</summary>
    /// <param name="By">Who asked.</param>
    public sealed record Resume(string By) : IPoolCommand;

    /// <summary>Ask every source again, forget backoffs, and plan.</summary>
    /// <param name="By">Who asked.</param>
    public sealed record Reconcile(string By) : IPoolCommand;

    /// <summary>Provision workers for which no job waits, within the pool's maximum.</summary>
    /// <param name="Count">How many, at least 1.</param>
    /// <param name="By">Who asked.</param>
    public sealed record ProvisionWorkers(int Count, string By) : IPoolCommand;

    /// <summary>Delete a worker. Refused for a busy one without force (invariant W15).</summary>
    /// <param name="Worker">Its name.</param>
    /// <param name="Force">True to lose a running job.</param>
    /// <param name="By">Who asked.</param>
    public sealed record DeleteWorker(string Worker, bool Force, string By) : IPoolCommand;

    /// <summary>Let a worker end after its job.</summary>
    /// <param name="Worker">Its name.</param>
    /// <param name="By">Who asked.</param>
    public sealed record DrainWorker(string Worker, string By) : IPoolCommand;

    /// <summary>Stop counting a worker towards the maximum: one whose deletion does not finish, or whose journal cannot be read. A deletion
    /// goes on.</summary>
    /// <param name="Worker">Its name.</param>
    /// <param name="By">Who asked.</param>
    public sealed record ReleaseWorker(string Worker, string By) : IPoolCommand;

    /// <summary>Go on with other settings, and with other ports where tokens changed. Refused for another name or other marks of ownership:
    /// a pool with those is another pool.</summary>
    /// <param name="Settings">The pool's settings from now on.</param>
    /// <param name="Ports">Its outside world from now on.</param>
    /// <param name="By">Who asked.</param>
    public sealed record ChangeSettings(PoolSettings Settings, PoolPorts Ports, string By) : IPoolCommand;

    /// <summary>Run a shell command on a worker, whatever it does at the time; answered by <see cref="CommandRan"/> or
    /// <see cref="CommandRefused"/>.</summary>
    /// <param name="Worker">Its name.</param>
    /// <param name="Command">The command, at most 64 KiB.</param>
    /// <param name="Limit">The longest it may take.</param>
    /// <param name="By">Who asked.</param>
    public sealed record RunOnWorker(string Worker, string Command, TimeSpan Limit, string By) : IPoolCommand;

    /// <summary>Get ready to stop (invariant R4): nothing new; workers being created are removed first; busy ones end their jobs. Answered
    /// by <see cref="Drained"/> once nothing runs, or nothing is left.</summary>
    /// <param name="DeleteWorkers">True to delete idle workers too.</param>
    public sealed record DrainPool(bool DeleteWorkers) : IPoolCommand;

    /// <summary>The pool's whole state; answered by <see cref="PoolStatus"/>.</summary>
    public sealed record GetStatus : IPoolQuery
    {
        /// <summary>The one instance.</summary>
        public static GetStatus Instance { get; } = new();
    }

    /// <summary>A command was carried out, or is under way.</summary>
    /// <param name="Message">What was done.</param>
    public sealed record Done(string Message);

    /// <summary>The answer to <see cref="DrainPool"/>.</summary>
    /// <param name="WorkersLeft">Workers that still exist.</param>
    public sealed record Drained(int WorkersLeft);

    /// <summary>The queue as Forgejo listed it.</summary>
    /// <param name="Jobs">Waiting and running jobs, in any order.</param>
    /// <param name="RequestedAt">When the request was sent.</param>
    public sealed record JobsObserved(IReadOnlyList<QueuedJob> Jobs, DateTimeOffset RequestedAt) : IPoolObservation;

    /// <summary>The registrations as Forgejo listed them, complete.</summary>
    /// <param name="Runners">Every registration of the scope.</param>
    /// <param name="RequestedAt">When the first page was asked for.</param>
    public sealed record RunnersObserved(IReadOnlyList<RegisteredRunner> Runners, DateTimeOffset RequestedAt) : IPoolObservation;

    /// <summary>The instances as the cloud listed them, complete.</summary>
    /// <param name="Instances">Every instance with the deployment's tag.</param>
    /// <param name="RequestedAt">When the first page was asked for.</param>
    public sealed record InstancesObserved(IReadOnlyList<Instance> Instances, DateTimeOffset RequestedAt) : IPoolObservation;

    /// <summary>A source could not be read.</summary>
    /// <param name="Error">Why, for the operator.</param>
    /// <param name="RequestedAt">When the request was sent.</param>
    public sealed record SourceFailed(PoolSource Source, string Error, DateTimeOffset RequestedAt) : IPoolObservation;

    /// <summary>A worker's name was chosen; its own journal holds the rest.</summary>
    /// <param name="Worker">Its name.</param>
    /// <param name="Why">Why it is wanted.</param>
    public sealed record WorkerPlanned(DateTimeOffset At, string Worker, string Why) : IPoolEvent
    {
        /// <summary>True for a worker that does not count towards the bound on cost: an operator asked for it, or its instance existed
        /// already.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool Uncounted { get; init; }
    }

    /// <summary>A worker is gone and its ledger entry is safe in the history.</summary>
    /// <param name="Worker">Its name.</param>
    public sealed record WorkerEnded(DateTimeOffset At, string Worker) : IPoolEvent
    {
        /// <summary>Jobs that ran on it.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public int Jobs { get; init; }

        /// <summary>True when no instance of it ever existed.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool NeverCreated { get; init; }

        /// <summary>True when an instance of it may still appear: its create call failed and may have taken effect.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
        public bool MayAppear { get; init; }
    }

    /// <summary>An ended worker's own journal was deleted.</summary>
    /// <param name="Worker">Its name.</param>
    public sealed record WorkerPurged(DateTimeOffset At, string Worker) : IPoolEvent;

    /// <summary>The pool was paused.</summary>
    /// <param name="By">By whom.</param>
    public sealed record PoolPaused(DateTimeOffset At, string By) : IPoolEvent;

    /// <summary>The pool was resumed.</summary>
    /// <param name="By">By whom.</param>
    public sealed record PoolResumed(DateTimeOffset At, string By) : IPoolEvent;
}

/// <summary>The sources a pool lives by; freshness is kept for each (invariant R3).</summary>
public enum PoolSource
{
    /// <summary>Forgejo's queue.</summary>
    Jobs,

    /// <summary>Forgejo's registrations.</summary>
    Runners,

    /// <summary>The cloud's instances.</summary>
    Instances,

    /// <summary>Our own journal.</summary>
    Journal,
}
