namespace FjBellows.Time;

/// <summary>Moments that are remembered across a change of the clock.</summary>
internal static class Moments
{
    /// <summary>The same moment by a clock that was set. What was never set stays.</summary>
    /// <param name="moment">The moment, by the clock before.</param>
    /// <param name="by">By how much the clock was set forward.</param>
    public static DateTimeOffset Moved(this DateTimeOffset moment, TimeSpan by) => moment == default ? moment : moment + by;

    /// <summary>The same moment by a clock that was set; null stays null.</summary>
    /// <param name="moment">The moment, by the clock before.</param>
    /// <param name="by">By how much the clock was set forward.</param>
    public static DateTimeOffset? Moved(this DateTimeOffset? moment, TimeSpan by) => moment is { } at ? at.Moved(by) : null;
}
