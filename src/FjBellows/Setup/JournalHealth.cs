using FjBellows.Time;

namespace FjBellows.Setup;

/// <summary>Where the journal stands.</summary>
internal enum JournalPhase
{
    /// <summary>Not written lately: what depends on it is proved first.</summary>
    Unproven,

    /// <summary>Written a moment ago.</summary>
    Written,

    /// <summary>The store refused: nothing that depends on it is started.</summary>
    RefusedStore,

    /// <summary>The store takes a probe's write after it had refused workers: they are let try, and only they can tell that it is
    /// over.</summary>
    Probing,
}

/// <summary>Whether something may depend on the journal (invariants R5, R9): one state machine, fed by causes that the store classified
/// once. Pure.</summary>
internal sealed record JournalHealth
{
    /// <summary>Between tries of a store that refuses.</summary>
    public static readonly BackoffSettings Retry = new(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));

    /// <summary>For how long a write proves that the next will succeed.</summary>
    public static readonly TimeSpan ProvenFor = TimeSpan.FromSeconds(5);

    private JournalHealth()
    {
    }

    /// <summary>Before the first write.</summary>
    public static JournalHealth Unproven { get; } = new();

    /// <summary>Where it stands.</summary>
    public JournalPhase Phase { get; private init; }

    /// <summary>When it was last written.</summary>
    public DateTimeOffset? WrittenAt { get; private init; }

    /// <summary>Refusals of the store in a row.</summary>
    public int Failures { get; private init; }

    /// <summary>When it is tried again after a refusal.</summary>
    public DateTimeOffset RetryAt { get; private init; }

    /// <summary>What the store said.</summary>
    public string Cause { get; private init; } = "";

    /// <summary>True when a worker's write was refused: writes of others do not tell that its would succeed.</summary>
    public bool ByWorker { get; private init; }

    /// <summary>True while a probe's answer is outstanding.</summary>
    public bool ProbeSent { get; private init; }

    /// <summary>The last record that was refused for its content, and why; null when none was.</summary>
    public string? RefusedRecord { get; private init; }

    /// <summary>The failure that a source's freshness shows; null while there is none.</summary>
    public string? Error => Phase is JournalPhase.RefusedStore or JournalPhase.Probing ? Cause : null;

    /// <summary>True when a provisioning may depend on it.</summary>
    public bool IsProven(DateTimeOffset now) => WrittenAt is { } at && now - at < ProvenFor;

    /// <summary>True when a probe should be sent.</summary>
    public bool WantsProbe(DateTimeOffset now) => !ProbeSent && !(Phase == JournalPhase.RefusedStore && RetryAt > now);

    /// <summary>The state with a probe under way: a write that nothing depends on.</summary>
    public JournalHealth Probe() => this with { ProbeSent = true };

    /// <summary>The state after the probe was written.</summary>
    public JournalHealth Probed(DateTimeOffset now) =>
        Written(now) with { ProbeSent = false, Phase = ByWorker ? JournalPhase.Probing : JournalPhase.Written };

    /// <summary>The state after a write of the pool's own.</summary>
    public JournalHealth Written(DateTimeOffset now) => ByWorker
        ? this with { WrittenAt = now }
        : new JournalHealth { Phase = JournalPhase.Written, WrittenAt = now, ProbeSent = ProbeSent, RefusedRecord = RefusedRecord };

    /// <summary>The state after a worker wrote a step of its life.</summary>
    public JournalHealth WrittenByWorker(DateTimeOffset now) => ByWorker ? (this with { ByWorker = false }).Written(now) : this;

    /// <summary>The state after a refusal. A record that is refused for its content leaves the store as it was.</summary>
    /// <param name="message">What the store said.</param>
    /// <param name="byWorker">True for a worker's write.</param>
    public JournalHealth Refused(HistoryRefusal refusal, string message, DateTimeOffset now, bool byWorker = false) =>
        refusal == HistoryRefusal.Content
        ? this with { RefusedRecord = message, ProbeSent = false }
        : this with
        {
            Phase = JournalPhase.RefusedStore,
            WrittenAt = null,
            Failures = Failures + 1,
            RetryAt = now + Retry.After(Failures + 1),
            Cause = message,
            ByWorker = ByWorker || byWorker,
            ProbeSent = false,
        };

    /// <summary>The same once the clock was set.</summary>
    /// <param name="by">By how much forward.</param>
    public JournalHealth Moved(TimeSpan by) => this with { WrittenAt = WrittenAt.Moved(by), RetryAt = RetryAt.Moved(by) };

    /// <summary>The state in which another actor of the pool goes on: answers to the last one's probe do not reach it.</summary>
    public JournalHealth Restarted() =>
        this with { ProbeSent = false, WrittenAt = null, Phase = Phase == JournalPhase.Written ? JournalPhase.Unproven : Phase };
}
