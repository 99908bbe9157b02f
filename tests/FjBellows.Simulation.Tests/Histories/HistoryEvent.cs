namespace FjBellows.Simulation.Tests;

/// <summary>One thing that happens to the world, at once or for a while. What it does follows from it and the world alone.</summary>
/// <param name="At">When, from the start.</param>
internal abstract record HistoryEvent(TimeSpan At)
{
    /// <summary>How long it lasts; zero for what happens at once.</summary>
    public TimeSpan Lasts { get; init; }

    /// <summary>What sort of thing it is, for counting.</summary>
    public virtual string Kind => GetType().Name;

    /// <summary>True for what counts as a fault rather than as use.</summary>
    public virtual bool IsFault => true;

    /// <summary>Lets it happen, or begin.</summary>
    public virtual void Begin(SimulatedWorld world)
    {
    }

    /// <summary>Ends it, where it lasts.</summary>
    public virtual void End(SimulatedWorld world)
    {
    }

    protected abstract string Tell();

    public sealed override string ToString() => $"{At:d\\.hh\\:mm\\:ss\\.fff}  {Tell()}{(Lasts > TimeSpan.Zero ? $", for {Lasts}" : "")}";

    protected static T? Pick<T>(IReadOnlyList<T> from, int pick)
        where T : class => from.Count == 0 ? null : from[pick % from.Count];
}
