using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Time;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>Everything the pool knows of one worker. Forgetting the worker is removing this record.</summary>
internal sealed record KnownWorker
{
    /// <summary>For how long an idle worker without a connection still counts as one that will be free (invariant W19).</summary>
    public static readonly TimeSpan DisconnectedLimit = TimeSpan.FromSeconds(30);

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>What it last reported; null before its first report after a start, and once it is gone.</summary>
    public WorkerView? View { get; init; }

    /// <summary>When the pool saw it enter its phase.</summary>
    public DateTimeOffset PhaseSince { get; init; }

    /// <summary>Since when it idles without a usable connection; null while it does not.</summary>
    public DateTimeOffset? DisconnectedSince { get; init; }

    /// <summary>A job that was sent to it and that it has not answered yet.</summary>
    public JobKey? Assigning { get; init; }

    /// <summary>Its last outcome while that is not yet safe in the history: it takes no job until it is (invariant J10).</summary>
    public DispatchId? Recording { get; init; }

    /// <summary>Until when it may stay for the reserve; null when it was not.</summary>
    public DateTimeOffset? KeptUntil { get; init; }

    /// <summary>Consecutive dispatches that failed on it for a reason that may lie in it.</summary>
    public int Failures { get; init; }

    /// <summary>When the first of these failed.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Ends of its actor in a row that it did not choose.</summary>
    public int Deaths { get; init; }

    /// <summary>True while its actor runs.</summary>
    public bool Runs { get; init; }

    /// <summary>True when an operator, a stop of the daemon or its own failed dispatches end it: that it never became ready is no failure
    /// then.</summary>
    public bool EndRequested { get; init; }

    /// <summary>True when an operator decided that it no longer counts towards the maximum.</summary>
    public bool Released { get; init; }

    /// <summary>True when its journal cannot be read: the pool goes on without it.</summary>
    public bool Unreadable { get; init; }

    /// <summary>True when its create call may still take effect though no instance was found.</summary>
    public bool MayAppear { get; init; }

    /// <summary>True once its end is known and recorded or being recorded.</summary>
    public bool Gone { get; init; }

    /// <summary>True while nothing is planned because it has not reported yet.</summary>
    public bool IsAwaited => View is null && !Gone && !Unreadable;

    /// <summary>True when it counts towards the maximum.</summary>
    public bool Exists => !Gone && !Released && View is not { Phase: WorkerPhase.Removed };

    /// <summary>True when a job can be given to it.</summary>
    public bool CanTakeJob(DateTimeOffset now) =>
        Runs && Assigning is null && Recording is null && View is { } view && view.CanTakeJob(now);

    /// <summary>True when it will be free without further action: it provisions, its last outcome is being stored, or its connection was
    /// lost a moment ago.</summary>
    public bool IsComing(DateTimeOffset now) => View switch
    {
        { Phase: WorkerPhase.Provisioning } => true,
        { Phase: WorkerPhase.Idle } view => Assigning is null
            && (view.TeardownDeadline is not { } deadline || now < deadline)
            && (view.Usable ? Recording is not null || !Runs : now - (DisconnectedSince ?? now) < DisconnectedLimit),
        _ => false,
    };

    /// <summary>With a new report.</summary>
    /// <param name="view">What it reported.</param>
    public KnownWorker With(WorkerView view, DateTimeOffset now) => this with
    {
        View = view,
        PhaseSince = View?.Phase == view.Phase ? PhaseSince : now,
        DisconnectedSince = view is { Phase: WorkerPhase.Idle, Usable: false } ? view.DisconnectedSince ?? DisconnectedSince ?? now : null,
        Unreadable = false,
    };

    /// <summary>The same once the clock was set. Its report says what the worker's own clock made of that.</summary>
    /// <param name="by">By how much forward.</param>
    public KnownWorker Moved(TimeSpan by) => this with
    {
        PhaseSince = PhaseSince.Moved(by),
        DisconnectedSince = DisconnectedSince.Moved(by),
        KeptUntil = KeptUntil.Moved(by),
        FailingSince = FailingSince.Moved(by),
    };

    /// <summary>After a dispatch on it ended.</summary>
    /// <param name="verdict">What that says.</param>
    public KnownWorker After(DispatchVerdict verdict, DateTimeOffset at) => verdict switch
    {
        DispatchVerdict.Ran => this with { Failures = 0, FailingSince = null },
        DispatchVerdict.FailedOnWorker => this with { Failures = Failures + 1, FailingSince = FailingSince ?? at },
        _ => this,
    };
}
