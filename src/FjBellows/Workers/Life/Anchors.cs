namespace FjBellows.Workers.Life;

/// <summary>When the journaled moments of a worker's life were, by the clock that cannot be set. After a restart they are computed from the
/// journal.</summary>
internal readonly record struct Anchors
{
    /// <summary>When it came into its phase.</summary>
    public TimeSpan Phase { get; init; }

    /// <summary>When its instance became known.</summary>
    public TimeSpan Known { get; init; }

    /// <summary>When it became idle.</summary>
    public TimeSpan Idle { get; init; }

    /// <summary>When its job was assigned (invariant J8).</summary>
    public TimeSpan Job { get; init; }

    /// <summary>When its job's process was known to run.</summary>
    public TimeSpan Started { get; init; }

    /// <summary>When the age of its job was last journaled.</summary>
    public TimeSpan Aged { get; init; }

    /// <summary>When this process took this worker from its journal; zero for one that it planned itself.</summary>
    public TimeSpan Resumed { get; init; }

    /// <summary>The anchors of a journaled life.</summary>
    /// <param name="state">The journaled part.</param>
    public static Anchors Of(WorkerState state, Moment at)
    {
        // What was measured before the restart counts as measured; only the time without a daemon is taken from the wall clock.
        var job = state.Age is { } age ? at.ElapsedAt(age.At) - age.Elapsed : at.ElapsedAt(state.Current?.AssignedAt);
        var wait = state.Current is { StartedAt: { } started } current && started > current.AssignedAt
            ? started - current.AssignedAt
            : TimeSpan.Zero;
        return new Anchors
        {
            Phase = at.ElapsedAt(state.PhaseSince == default ? null : state.PhaseSince),
            Known = at.ElapsedAt(state.KnownAt),
            Idle = at.ElapsedAt(state.IdleSince),
            Job = job,
            Started = job + wait < at.Elapsed ? job + wait : at.Elapsed,
            Aged = at.Elapsed,
            Resumed = at.Elapsed,
        };
    }
}
