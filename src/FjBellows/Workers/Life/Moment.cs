using FjBellows.Billing;

namespace FjBellows.Workers.Life;

/// <summary>When something is decided, and under which settings.</summary>
/// <param name="Now">The pool's wall clock: for what is compared with the cloud's or Forgejo's times, and for people.</param>
/// <param name="Elapsed">A clock that cannot be set: for every duration that is measured here (invariants J8, B7).</param>
/// <param name="Settings">The pool's settings.</param>
/// <param name="Billing">The billing model in force.</param>
internal readonly record struct Moment(DateTimeOffset Now, TimeSpan Elapsed, PoolSettings Settings, BillingModel Billing)
{
    /// <summary>True while the journal is known to be unwritable: nothing is journaled that can wait (invariant R5).</summary>
    public bool JournalFails { get; init; }

    /// <summary>True once it was measured how the cloud's clock differs: the creation times it lists are by ours (invariant B8).</summary>
    public bool CloudIsMeasured { get; init; }

    /// <summary>How long things may take.</summary>
    public TimeoutSettings Timeouts => Settings.Timeouts;

    /// <summary>When something began, on the clock that cannot be set, that began at a time of the wall clock. The future counts as
    /// now.</summary>
    /// <param name="wall">The wall clock's time.</param>
    public TimeSpan ElapsedAt(DateTimeOffset? wall) => wall is { } then && then < Now ? Elapsed - (Now - then) : Elapsed;
}
