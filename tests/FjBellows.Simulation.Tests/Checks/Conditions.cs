namespace FjBellows.Simulation.Tests;

/// <summary>Which faults are active, whether the daemon runs, and since when all has been well.</summary>
internal sealed class Conditions(SimulatedWorld world)
{
    private readonly List<(DateTimeOffset From, DateTimeOffset? Until)> _hindrances = [];
    private bool _hindered;
    private bool _faulty;
    private bool _anyFault;
    private DateTimeOffset _calmSince;
    private DateTimeOffset _upSince;

    /// <summary>After how long without faults everything must be as it should.</summary>
    public static TimeSpan Settled { get; } = TimeSpan.FromMinutes(8);

    /// <summary>True once the journal has failed in this history: actors are restarted then.</summary>
    public bool JournalWasFaulty { get; private set; }

    /// <summary>True while the daemon is dead or asleep.</summary>
    public bool IsDown { get; private set; } = true;

    /// <summary>True when nothing has been wrong for a while.</summary>
    public bool IsCalm => !_anyFault && !IsDown && world.Clock.Now - _calmSince > Settled;

    /// <summary>True while the daemon has run for long enough to have every connection back, and nothing keeps it from that.</summary>
    public bool CanReachWorkers => !IsDown && world.Clock.Now - _upSince > TimeSpan.FromMinutes(2)
        && !world.Active<JournalFails>().Any() && !world.Active<JournalUnreadable>().Any() && !world.Active<JournalSlow>().Any()
        && !world.Active<CommandsFail>().Any() && !world.Active<CloudDenies>().Any();

    public void DaemonRuns()
    {
        IsDown = false;
        _upSince = world.Clock.Now;
        Hinder();
    }

    public void DaemonDied()
    {
        IsDown = true;
        Hinder();
    }

    /// <summary>While the cloud, the journal or the clock fails, a deletion may come late.</summary>
    public void FaultsChanged(IReadOnlyList<HistoryEvent> active)
    {
        _faulty =
            active.Any(
                e => e is CloudRefuses or CloudAnswersLost or CloudSlow or CloudDenies or ClockJumps or JournalFails or JournalUnreadable
                    or JournalSlow
            or HistoryFails or CommandsFail);
        _anyFault = active.Any(e => e.IsFault);
        _calmSince = world.Clock.Now;
        JournalWasFaulty |= active.Any(e => e is JournalFails or JournalUnreadable or JournalSlow);
        Hinder();
    }

    /// <summary>True when something stood in the way of a deletion between two moments.</summary>
    public bool WasHindered(DateTimeOffset from, DateTimeOffset until, TimeSpan grace) =>
        _hindrances.Any(h => h.From <= until && (h.Until is not { } end || end + grace >= from));

    private void Hinder()
    {
        _calmSince = world.Clock.Now;
        var now = _faulty || IsDown;
        if (now == _hindered)
        {
            return;
        }

        _hindered = now;
        if (now)
        {
            _hindrances.Add((world.Clock.Now, null));
        }
        else
        {
            _hindrances[^1] = _hindrances[^1] with { Until = world.Clock.Now };
        }
    }
}
