using System.Globalization;

namespace FjBellows.Time;

/// <summary>Durations as people write them.</summary>
internal static class Durations
{
    /// <summary>A duration in its largest units: <c>1h</c>, <c>31m12s</c>, <c>0.5s</c>.</summary>
    /// <param name="duration">The duration; a negative one gets a minus sign.</param>
    public static string Text(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero)
        {
            return "-" + Text(duration.Negate());
        }

        if (duration < TimeSpan.FromSeconds(1))
        {
            return duration == TimeSpan.Zero ? "0s" : string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.###}s");
        }

        var hours = (long)duration.TotalHours;
        return (hours > 0 ? $"{hours}h" : "")
            + (duration.Minutes > 0 ? $"{duration.Minutes}m" : "")
            + (duration.Seconds > 0 ? $"{duration.Seconds}s" : "");
    }
}
