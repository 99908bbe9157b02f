using FjBellows.Pool;

namespace FjBellows.Simulation.Tests;

/// <summary>The daemon is killed and started again later, with another maximum where one is given.</summary>
internal sealed record DaemonKilled(TimeSpan At, TimeSpan Down, int? Max) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.Kill(Down, Max);

    protected override string Tell() =>
        $"the daemon is killed and is down for {Down}{(Max is { } max ? $", then started with max {max}" : "")}";
}

/// <summary>The daemon is killed at a write of its journal, before or after it took effect.</summary>
internal sealed record DaemonKilledAtWrite(TimeSpan At, int Nth, bool Before, TimeSpan Down) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.WriteFuse = new Fuse(Nth, Before, Down);

    protected override string Tell() =>
        $"the daemon is killed {(Before ? "before" : "after")} the journal write no. {Nth} from here, and is down for {Down}";
}

/// <summary>The daemon is killed at an effect, before it leaves or after it was carried out.</summary>
internal sealed record DaemonKilledAtEffect(TimeSpan At, int Nth, bool Before, TimeSpan Down) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.EffectFuse = new Fuse(Nth, Before, Down);

    protected override string Tell() =>
        $"the daemon is killed {(Before ? "before" : "after")} the effect no. {Nth} from here, and is down for {Down}";
}

/// <summary>The journal refuses writes, or carries them out and its answers are lost.</summary>
internal sealed record JournalFails(TimeSpan At, string Ids, bool AnswersLost, double Chance) : HistoryEvent(At)
{
    protected override string Tell() =>
        $"{(AnswersLost ? "answers to writes of" : "writes to")} journals '{Ids}*' {(AnswersLost ? "are lost" : "fail")}, {Chance:P0} " +
        $"of the time";
}

/// <summary>The journal cannot be read.</summary>
internal sealed record JournalUnreadable(TimeSpan At) : HistoryEvent(At)
{
    protected override string Tell() => "the journal cannot be read";
}

/// <summary>The journal takes its time.</summary>
internal sealed record JournalSlow(TimeSpan At, TimeSpan Takes) : HistoryEvent(At)
{
    protected override string Tell() => $"a write of the journal takes {Takes}";
}

/// <summary>The history refuses records.</summary>
internal sealed record HistoryFails(TimeSpan At, double Chance) : HistoryEvent(At)
{
    protected override string Tell() => $"the history refuses records, {Chance:P0} of the time";
}

/// <summary>The wall clock is wrong for a while.</summary>
internal sealed record ClockJumps(TimeSpan At, TimeSpan By) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.Wall.Bend(this, By);

    public override void End(SimulatedWorld world) => world.Wall.Unbend(this);

    protected override string Tell() => $"the wall clock is wrong by {By}";
}

/// <summary>An operator pauses the pool for a while.</summary>
internal sealed record PoolPausedByHand(TimeSpan At) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world) => world.Tell(new PoolProtocol.Pause("ada"));

    public override void End(SimulatedWorld world) => world.Tell(new PoolProtocol.Resume("ada"));

    protected override string Tell() => "the pool is paused";
}

/// <summary>An operator changes the maximum and the wait budget while the pool works.</summary>
internal sealed record SettingsChange(TimeSpan At, int Max, TimeSpan WaitBudget) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world) =>
        world.Change(s => s with { Max = Max, Waiting = new WaitSettings { Budget = WaitBudget } });

    protected override string Tell() => $"the pool is told max {Max} and wait budget {WaitBudget}";
}

/// <summary>An operator asks for a reconciliation.</summary>
internal sealed record ReconcileAsked(TimeSpan At) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world) => world.Tell(new PoolProtocol.Reconcile("ada"));

    protected override string Tell() => "a reconciliation is asked for";
}

/// <summary>An operator removes or drains a worker.</summary>
internal sealed record WorkerDismissed(TimeSpan At, int Which, bool Drain, bool Force) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        if (Pick(world.Ours().ToArray(), Which) is { } machine)
        {
            if (Force && !Drain)
            {
                world.Oracle.Excuses.Machine(machine, "it was removed by force");
            }

            world.Oracle.Excuses.Dismissed(machine);

            var name = machine.Instance.Name;
            world.Tell(Drain ? new PoolProtocol.DrainWorker(name, "ada") : new PoolProtocol.DeleteWorker(name, Force, "ada"));
        }
    }

    protected override string Tell() => $"worker #{Which} is {(Drain ? "drained" : Force ? "removed by force" : "removed")} by an operator";
}

/// <summary>An operator buys workers ahead.</summary>
internal sealed record WorkersAskedFor(TimeSpan At, int Count) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world) =>
        world.Oracle.AskedFor(Count, () => world.Tell(new PoolProtocol.ProvisionWorkers(Count, "ada")));

    protected override string Tell() => $"{Count} worker(s) are asked for by hand";
}

/// <summary>The daemon is asked to drain, killed after a while and started again.</summary>
internal sealed record DaemonDrained(TimeSpan At, bool Destroy, TimeSpan Down) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        world.Drains = world.Daemon.Runs;
        world.Tell(new PoolProtocol.DrainPool(Destroy));
    }

    public override void End(SimulatedWorld world) => world.Kill(Down, null);

    protected override string Tell() => $"the daemon drains{(Destroy ? " and destroys" : "")}, then stops and is down for {Down}";
}
