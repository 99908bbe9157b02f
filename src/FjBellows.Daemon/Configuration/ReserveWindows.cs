using Cronos;

namespace FjBellows.Daemon.Configuration;

/// <summary>A recurring window in which idle workers are kept.</summary>
/// <param name="Begins">When it begins.</param>
/// <param name="Text">The same as it is written.</param>
/// <param name="Lasts">How long it lasts.</param>
/// <param name="Zone">The time zone of its beginnings.</param>
/// <param name="Count">How many workers are kept.</param>
internal sealed record ReserveWindow(CronExpression Begins, string Text, TimeSpan Lasts, TimeZoneInfo Zone, int Count)
{
    /// <summary>When the window that contains a moment ends; null when none does. Where it recurs before its end it goes on.</summary>
    public DateTimeOffset? EndAt(DateTimeOffset now)
    {
        DateTimeOffset? last = null;
        foreach (var begin in Begins.GetOccurrences(now - Lasts, now, Zone, fromInclusive: false, toInclusive: true))
        {
            last = begin;
        }

        return last is { } at ? at.ToUniversalTime() + Lasts : null;
    }
}

/// <summary>The reserve of several windows: of those that are open the largest.</summary>
internal sealed class ReserveWindows(IReadOnlyList<ReserveWindow> windows) : IReserveSchedule
{
    /// <inheritdoc />
    public Reserve At(DateTimeOffset now)
    {
        var open = windows.Select(w => (Window: w, End: w.EndAt(now))).Where(w => w.End is not null).OrderByDescending(w => w.Window.Count)
            .ThenByDescending(w => w.End).ToArray();
        var changes = windows.Select(w => w.Begins.GetNextOccurrence(now, w.Zone)).Where(at => at is not null)
            .Select(at => at!.Value.ToUniversalTime())
            .Concat(open.Select(w => w.End!.Value));
        var until = changes.DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        if (open.Length == 0)
        {
            return Reserve.None with { Until = until };
        }

        // A smaller window that begins or ends within the largest changes nothing.
        var (largest, end) = open[0];
        return new Reserve(largest.Count, end!.Value, $"until {end:yyyy-MM-dd HH:mm} UTC (scale.schedule, '{largest.Text}')");
    }
}
