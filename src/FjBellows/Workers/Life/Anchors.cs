namespace FjBellows.Workers.Life;

/// <summary>When the journaled moments of a worker's life were, by the clock that cannot be set. After a restart they are computed from the
/// journal.</summary>
/// <param name="Phase">When it came into its phase.</param>
/// <param name="Known">When its instance became known.</param>
/// <param name="Idle">When it became idle.</param>
/// <param name="Job">When its job was assigned (invariant J8).</param>
/// <param name="Started">When its job's process was known to run.</param>
/// <param name="Aged">When the age of its job was last journaled.</param>
/// <param name="Resumed">When this process took this worker from its journal; zero for one that it planned itself.</param>
internal readonly record struct Anchors(
    TimeSpan Phase, TimeSpan Known, TimeSpan Idle, TimeSpan Job, TimeSpan Started, TimeSpan Aged, TimeSpan Resumed)
{
    /// <summary>The anchors of a journaled life.</summary>
    /// <param name="state">The journaled part.</param>
    public static Anchors Of(WorkerState state, Moment at)
    {
        // What was measured before the restart counts as measured; only the time without a daemon is taken from the wall clock.
        var job = state.Age is { } age ? at.Since(age.At) - age.Elapsed : at.Since(state.Current?.AssignedAt);
        var wait = state.Current is { StartedAt: { } started } current && started > current.AssignedAt
            ? started - current.AssignedAt
            : TimeSpan.Zero;
        return new Anchors(
            at.Since(state.PhaseSince == default ? null : state.PhaseSince),
            at.Since(state.KnownAt),
            at.Since(state.IdleSince),
            job,
            job + wait < at.Elapsed ? job + wait : at.Elapsed,
            at.Elapsed,
            at.Elapsed);
    }
}
