namespace FjBellows.Simulation.Tests;

/// <summary>By how much the daemon's host is wrong about the time of day, and when it sleeps.</summary>
internal sealed class WallClock(SimulatedWorld world)
{
    private readonly Dictionary<HistoryEvent, TimeSpan> _offsets = new(ReferenceEqualityComparer.Instance);
    private TimeSpan _standing;

    /// <summary>How wrong it is now.</summary>
    public TimeSpan Offset => _standing + _offsets.Values.Aggregate(TimeSpan.Zero, (sum, o) => sum + o);

    /// <summary>Sets it wrong for as long as an event lasts.</summary>
    public void Bend(HistoryEvent by, TimeSpan offset)
    {
        _offsets[by] = offset;
        world.Daemon.WallOffset = Offset;
    }

    public void Unbend(HistoryEvent by)
    {
        _offsets.Remove(by);
        world.Daemon.WallOffset = Offset;
    }

    /// <summary>Sets it for good.</summary>
    public void Set(TimeSpan offset)
    {
        _standing = offset;
        world.Daemon.WallOffset = Offset;
    }

    /// <summary>Suspends the daemon's host. What is connected to it gives up after a while.</summary>
    public void Sleep(TimeSpan time)
    {
        if (!world.Daemon.Runs || world.Daemon.System.Life.IsAsleep)
        {
            return;
        }

        var life = world.Daemon.System.Life;
        world.Clock.Suspend(life);
        world.Oracle.Conditions.DaemonDied();
        world.Clock.Schedule(TimeSpan.FromSeconds(45), () =>
        {
            if (life.IsAsleep)
            {
                world.BreakLinks();
            }
        });
        world.Clock.Schedule(time, () =>
        {
            if (life is { IsAsleep: true, IsOver: false })
            {
                world.Clock.Resume(life);
                world.Oracle.Conditions.DaemonRuns();
            }
        });
    }
}
