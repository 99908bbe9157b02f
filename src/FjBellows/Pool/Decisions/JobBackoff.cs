using FjBellows.Time;

namespace FjBellows.Pool;

/// <summary>What earlier dispatches of a job mean for the next one (invariants J5, J7, J14, W12). Pure.</summary>
internal sealed record JobBackoff
{
    /// <summary>How long a job that Forgejo does not hand out provisions nothing though nothing about it changes: what frees it may be
    /// invisible here, such as a job of its concurrency group that other runners serve.</summary>
    public static readonly TimeSpan ProbeAfter = TimeSpan.FromHours(6);

    /// <summary>The longest <c>Retry-After</c> of a registration that is obeyed.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    private JobBackoff()
    {
    }

    /// <summary>Nothing was dispatched.</summary>
    public static JobBackoff None { get; } = new();

    /// <summary>When the last dispatch ended: an observation requested before that says nothing about the job any more.</summary>
    public DateTimeOffset EndedAt { get; private init; } = DateTimeOffset.MinValue;

    /// <summary>Before that it is not dispatched.</summary>
    public DateTimeOffset Until { get; private init; } = DateTimeOffset.MinValue;

    /// <summary>Dispatches in a row that did not run it, or after which it was listed again.</summary>
    public int Failures { get; private init; }

    /// <summary>How the last dispatch ended; null before the first.</summary>
    public OutcomeKind? Kind { get; private init; }

    /// <summary>What the last dispatch ended with.</summary>
    public string Detail { get; private init; } = "";

    /// <summary>True once something happened after which Forgejo may hand it out.</summary>
    public bool Freed { get; private init; }

    /// <summary>The state after a dispatch ended. An outcome that is older than the last one known changes nothing.</summary>
    /// <param name="waits">The pool's waits.</param>
    public JobBackoff After(DispatchOutcome outcome, BackoffSettings waits)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        ArgumentNullException.ThrowIfNull(waits);
        if (EndedAt >= outcome.EndedAt)
        {
            return this; // A worker repeats its last outcome; another worker may have run the job since.
        }

        var sort = IsOver(outcome.Kind);
        var failures = Kind is { } before && IsOver(before) != sort ? 1 : Failures + 1;
        var wait = waits.After(failures);
        var asked = outcome.RetryAfter is not { } after ? TimeSpan.Zero : after < LongestRetryAfter ? after : LongestRetryAfter;
        return new JobBackoff
        {
            EndedAt = outcome.EndedAt,
            Until = outcome.EndedAt + (asked > wait ? asked : wait),
            Failures = failures,
            Kind = outcome.Kind,
            Detail = outcome.Detail,
        };
    }

    /// <summary>The state once something of its repository ended, or its row changed, as seen in a listing requested at a moment.</summary>
    /// <param name="requestedAt">The moment.</param>
    public JobBackoff Free(DateTimeOffset requestedAt) => Kind is null || Freed
        || requestedAt <= EndedAt ? this : this with { Freed = true };

    /// <summary>The state after an operator's reconcile: waits are forgotten. That an older view of the queue is outdated is not.</summary>
    public JobBackoff Reset() => Kind is null ? this : this with { Until = EndedAt, Failures = 0, Freed = true };

    /// <summary>The same once the clock was set.</summary>
    /// <param name="by">By how much forward.</param>
    public JobBackoff Moved(TimeSpan by) => Kind is null ? this : this with { EndedAt = EndedAt.Moved(by), Until = Until.Moved(by) };

    /// <summary>True while it is not dispatched.</summary>
    public bool HoldsAt(DateTimeOffset now) => Until > now;

    /// <summary>True when a worker may be provisioned for it: not for a job that Forgejo lists and does not hand out.</summary>
    public bool MayProvision(DateTimeOffset now) => Kind switch
    {
        null or OutcomeKind.FailedToStart or OutcomeKind.Lost => true,
        OutcomeKind.NoTask => Freed || now - EndedAt >= ProbeAfter,
        _ => Failures < 2 || Freed || now - EndedAt >= ProbeAfter,
    };

    /// <summary>Why it waits.</summary>
    public WaitReason Reason => Kind switch
    {
        OutcomeKind.NoTask => new WaitReason.NotHandedOut(Until, Failures),
        OutcomeKind.Completed or OutcomeKind.Cancelled => new WaitReason.StillListed(Until, Failures),
        _ => new WaitReason.BackingOff(Until, Failures, Detail),
    };

    private static bool IsOver(OutcomeKind kind) => kind is OutcomeKind.Completed or OutcomeKind.Cancelled;
}
