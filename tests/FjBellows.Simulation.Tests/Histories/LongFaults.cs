namespace FjBellows.Simulation.Tests;

/// <summary>Creates answer with an error and make their machine later all the same.</summary>
internal sealed record CreatesSucceedLate(TimeSpan At, TimeSpan Takes, double Chance) : HistoryEvent(At)
{
    protected override string Tell() => $"create answers 504 and makes its machine {Takes} later, {Chance:P0} of the time";
}

/// <summary>The cloud makes machines that it cannot build: listed, counted, never up.</summary>
internal sealed record MachinesBroken(TimeSpan At, double Chance) : HistoryEvent(At)
{
    protected override string Tell() => $"new machines are in ERROR and never boot, {Chance:P0} of the time";
}

/// <summary>The account's limit on machines is lower than the pool's maximum, or ids are given again.</summary>
internal sealed record AccountIs(TimeSpan At, int? Quota, bool ReusesIds) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => (world.Cloud.Quota, world.Cloud.ReusesIds) = (Quota, ReusesIds);

    public override void End(SimulatedWorld world) => world.Cloud.Quota = null;

    protected override string Tell() =>
        $"the account allows {(Quota is { } most ? $"{most}" : "any number of")} instance(s){(ReusesIds ? " and gives ids again" : "")}";
}

/// <summary>The history refuses records whose text a database cannot keep.</summary>
internal sealed record HistoryRefusesText(TimeSpan At) : HistoryEvent(At)
{
    protected override string Tell() => "the history refuses NUL, lone surrogates and texts above 1 MiB";
}

/// <summary>The list of registrations leaves rows out, as its pages do when rows move between them.</summary>
internal sealed record RunnersListedBadly(TimeSpan At, double Chance) : HistoryEvent(At)
{
    protected override string Tell() => $"listings of registrations miss rows, {Chance:P0} of the time";
}

/// <summary>The wall clock of the daemon's host is set, and stays so.</summary>
internal sealed record ClockSet(TimeSpan At, TimeSpan By) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.Wall.Set(By);

    protected override string Tell() => $"the wall clock is wrong by {By} from now on";
}

/// <summary>The daemon's host is suspended.</summary>
internal sealed record HostSuspended(TimeSpan At, TimeSpan For) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.Wall.Sleep(For);

    protected override string Tell() => $"the daemon's host is suspended for {For}";
}

/// <summary>The cloud's clock is not ours.</summary>
internal sealed record CloudClockWrong(TimeSpan At, TimeSpan By) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.Cloud.ClockOffset = By;

    protected override string Tell() => $"the cloud's clock is off by {By}";
}

/// <summary>The journal is copied, as a backup does.</summary>
internal sealed record JournalCopied(TimeSpan At) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world) => world.Backup = world.Daemon.Store.Backup();

    protected override string Tell() => "the journal is copied";
}

/// <summary>The daemon is killed and started again with the copied journal, or with an empty one where there is none.</summary>
internal sealed record JournalRestored(TimeSpan At, TimeSpan Down) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        if (world.Daemon.Runs)
        {
            world.Kill(Down, null);
            world.Daemon.Store.Restore(world.Backup);
            world.Oracle.JournalReplaced();
        }
    }

    protected override string Tell() => $"the daemon is killed, is down for {Down} and starts with the journal's last copy (or none)";
}

/// <summary>The daemon is stopped and started as another version, which reads the journal from its bytes. Runners are another version
/// too.</summary>
internal sealed record DaemonUpgraded(TimeSpan At, TimeSpan Down) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        if (world.Daemon.Runs)
        {
            world.Kill(Down, null);
            world.Daemon.Store.Reread(WrittenForm.Reread);
            world.Connector.RunnerVersion = "v13.0.0";
        }
    }

    protected override string Tell() => $"the daemon is stopped, is down for {Down} and starts as another version";
}
