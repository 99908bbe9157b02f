using System.Collections.Immutable;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Workers.Reasons;
using static FjBellows.Workers.WorkerProtocol;

namespace FjBellows.Workers.Life;

/// <summary>One worker: what its journal says (<see cref="State"/>) and what is only true while this process runs.</summary>
internal sealed record Worker
{
    /// <summary>The worker's and instance's name.</summary>
    public required string Name { get; init; }

    /// <summary>True when the pool knew it before a restart.</summary>
    public bool Resumed { get; init; }

    /// <summary>True once this process saw its instance in a listing.</summary>
    public bool WasListed { get; init; }

    /// <summary>The journaled part.</summary>
    public WorkerState State { get; init; } = WorkerState.Empty;

    /// <summary>When the journaled moments were, by the clock that cannot be set.</summary>
    public Anchors Since { get; init; }

    /// <summary>How the instance comes to be known.</summary>
    public Creation Creation { get; init; } = new Creation.None();

    /// <summary>Whether it is reached.</summary>
    public Reach Reach { get; init; } = new();

    /// <summary>The dispatch it has; null without one.</summary>
    public JobRun? Job { get; init; }

    /// <summary>Dispatches whose leftovers are to be removed before the next launch.</summary>
    public ImmutableDictionary<DispatchId, CleanUp> CleanUps { get; init; } = ImmutableDictionary<DispatchId, CleanUp>.Empty;

    /// <summary>The query, under way, whether a runner process lives; null while there is none.</summary>
    public ProcessQuery? ProcessQuery { get; init; }

    /// <summary>How often it was asked whether a process lives: an answer to an older question says nothing.</summary>
    public long Round { get; init; }

    /// <summary>A process that lives on it though its journal has none.</summary>
    public Stray? Stray { get; init; }

    /// <summary>The registration that Forgejo listed of a runner on an orphan; null where there is none.</summary>
    public RegisteredRunner? OrphanRunner { get; init; }

    /// <summary>The evidence that the instance is gone.</summary>
    public Absences Absences { get; init; } = new();

    /// <summary>The deletion of the instance.</summary>
    public Deletion Deletion { get; init; } = new();

    /// <summary>Until when the reserve wants it.</summary>
    public DateTimeOffset? KeepUntil { get; init; }

    /// <summary>The dispatch whose outcome the pool has recorded.</summary>
    public DispatchId? Recorded { get; init; }

    /// <summary>When an unrecorded outcome is reported again, by the clock that cannot be set.</summary>
    public TimeSpan RepeatAt { get; init; }

    /// <summary>Where the clock that cannot be set began, by the wall clock: another value means that the wall clock was set.</summary>
    public DateTimeOffset? WallOffset { get; init; }

    /// <summary>Where it stands.</summary>
    public WorkerPhase? Phase => State.Phase;

    /// <summary>True when the connection serves for what the worker does now: a process is followed on any, a start wants one that is
    /// proven ready.</summary>
    public bool IsUsable => Reach.Linked && (Reach.Proven || State.Current is { StartedAt: not null } || Stray is not null);

    /// <summary>The outcome that the pool has not recorded yet.</summary>
    public EndedDispatch? Unrecorded => State.LastEnded is { } ended && ended.Assignment.Dispatch != Recorded ? ended : null;

    /// <summary>True for an orphan that was adopted: a job that is in no journal may run on it (invariant O2).</summary>
    public bool IsOrphan => State.ReasonCode == RemovalReason.Orphaned.ReasonCode;

    /// <summary>True when a dispatch is the current one.</summary>
    public bool Runs(DispatchId dispatch) => State.Current?.Dispatch == dispatch;

    /// <summary>The worker after an event, which happens now.</summary>
    public Worker After(IWorkerEvent @event, Moment at)
    {
        var after = State.Apply(@event);
        var since = Since with
        {
            Phase = after.PhaseSince != State.PhaseSince || after.Phase != State.Phase ? at.Elapsed : Since.Phase,
            Idle = after.IdleSince != State.IdleSince && @event is not (DrainStarted or MomentsCorrected) ? at.Elapsed : Since.Idle,
        };
        since = @event switch
        {
            InstanceCreated => since with { Known = at.Elapsed },
            JobAssigned => since with { Job = at.Elapsed, Started = at.Elapsed, Aged = at.Elapsed },
            JobStarted => since with { Started = at.Elapsed },
            JobAged => since with { Aged = at.Elapsed },
            _ => since,
        };
        return this with { State = after, Since = since, Job = after.Current is null ? null : Job ?? new JobRun() };
    }

    /// <summary>Since when it idles, by today's wall clock: a clock that was set since then changes nothing (invariant B7).</summary>
    public DateTimeOffset? IdleSince(Moment at) => State.IdleSince is null ? null : at.Now - (at.Elapsed - Since.Idle);
}
