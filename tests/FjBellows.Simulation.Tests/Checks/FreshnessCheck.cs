namespace FjBellows.Simulation.Tests;

/// <summary>Each source is asked within its interval and a request's limit (invariant R3).</summary>
internal sealed class FreshnessCheck(Scene scene) : ICheck
{
    private readonly Dictionary<string, DateTimeOffset> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _found = new(StringComparer.Ordinal);

    public void Called(string call, bool before)
    {
        if (before && call is "jobs" or "runners" or "list")
        {
            _asked[call] = scene.World.Clock.Now;
        }
    }

    public void Minute()
    {
        if (!scene.Conditions.IsCalm)
        {
            return;
        }

        // What is asked rarely while there is nothing to do is asked at a quarter of its pace.
        var poll = scene.World.Settings.Poll;
        foreach (var (call, interval) in new[] { ("jobs", poll.Interval), ("runners", poll.Runners * 4), ("list", poll.Instances * 4) })
        {
            var age = scene.World.Clock.Now - _asked.GetValueOrDefault(call);
            if (age > interval + poll.RequestTimeout && _found.Add(call))
            {
                scene.Findings.Violate("R3", $"'{call}' was last asked {age} ago, though its interval is {interval}");
            }
        }
    }
}
