namespace FjBellows.Billing;

/// <summary>How long jobs waited, from their first sight on the queue to the start of their process.</summary>
/// <param name="Count">How many waited.</param>
/// <param name="Mean">On average.</param>
/// <param name="P50">Half waited no longer.</param>
/// <param name="P95">Nineteen of twenty waited no longer.</param>
/// <param name="Max">The longest.</param>
public sealed record WaitFigures(int Count, TimeSpan Mean, TimeSpan P50, TimeSpan P95, TimeSpan Max)
{
    /// <summary>The figures of a number of waits.</summary>
    /// <param name="waits">The waits, in any order.</param>
    public static WaitFigures Of(IEnumerable<TimeSpan> waits)
    {
        ArgumentNullException.ThrowIfNull(waits);
        var sorted = waits.Order().ToArray();
        return sorted.Length == 0
            ? new WaitFigures(0, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero)
            : new WaitFigures(sorted.Length, TimeSpan.FromTicks((long)sorted.Average(w => w.Ticks)), At(0.5), At(0.95), sorted[^1]);

        TimeSpan At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
