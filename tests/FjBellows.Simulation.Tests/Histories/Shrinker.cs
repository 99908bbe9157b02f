namespace FjBellows.Simulation.Tests;

/// <summary>Cuts a failing history down: events are left out by halves, then by quarters, then singly, as long as it goes on
/// failing.</summary>
internal static class Shrinker
{
    /// <summary>The shortest failing history found.</summary>
    /// <param name="history">A failing history.</param>
    /// <param name="fails">Whether a history still fails.</param>
    /// <param name="mostRuns">The most histories tried.</param>
    public static History Shrink(History history, Func<History, bool> fails, int mostRuns = 300)
    {
        var events = history.Events.ToList();
        var size = Math.Max(1, events.Count / 2);
        while (mostRuns > 0)
        {
            var shorter = false;
            for (var at = 0; at < events.Count && mostRuns > 0;)
            {
                var left = events.Take(at).Concat(events.Skip(at + size)).ToList();
                mostRuns--;
                if (fails(history with { Events = left }))
                {
                    events = left;
                    shorter = true;
                }
                else
                {
                    at += size;
                }
            }

            if (size > 1)
            {
                size = Math.Max(1, size / 2);
            }
            else if (!shorter)
            {
                break;
            }
        }

        return history with { Events = events };
    }
}
