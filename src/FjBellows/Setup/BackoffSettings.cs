namespace FjBellows.Setup;

/// <summary>An exponential backoff.</summary>
/// <param name="First">The first wait.</param>
/// <param name="Longest">The longest wait.</param>
public sealed record BackoffSettings(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The wait after a number of failures in a row, doubling from <see cref="First"/> up to <see cref="Longest"/>.</summary>
    /// <param name="failures">Failures so far, from 1.</param>
    public TimeSpan After(int failures)
    {
        var factor = Math.Pow(2, Math.Clamp(failures - 1, 0, 30));
        return First.Ticks * factor >= Longest.Ticks ? Longest : TimeSpan.FromTicks((long)(First.Ticks * factor));
    }
}
