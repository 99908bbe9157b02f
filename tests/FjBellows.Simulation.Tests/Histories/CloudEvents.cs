using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Calls to the cloud are refused before anything is done.</summary>
internal sealed record CloudRefuses(TimeSpan At, string Call, CloudErrorKind Error, double Chance, TimeSpan? RetryAfter) : HistoryEvent(At)
{
    public bool Hits(string call) => Call is "*" || Call == call;

    protected override string Tell() =>
        $"the cloud answers {Call} with {Error}{(RetryAfter is { } wait ? $" (Retry-After {wait})" : "")}, {Chance:P0} of the time";
}

/// <summary>Calls are carried out and their answers lost.</summary>
internal sealed record CloudAnswersLost(TimeSpan At, string Call, double Chance) : HistoryEvent(At)
{
    public bool Hits(string call) => Call is "*" || Call == call;

    protected override string Tell() => $"answers to {Call} are lost, {Chance:P0} of the time";
}

/// <summary>The cloud takes its time.</summary>
internal sealed record CloudSlow(TimeSpan At, TimeSpan Latency, TimeSpan Create, TimeSpan CreateAnswer) : HistoryEvent(At)
{
    protected override string Tell() => $"the cloud is slow: calls {Latency}, create {Create} and its answer {CreateAnswer} more";
}

/// <summary>Machines boot slowly, or never.</summary>
internal sealed record BootsBadly(TimeSpan At, TimeSpan? Takes) : HistoryEvent(At)
{
    protected override string Tell() => Takes is { } takes ? $"machines need {takes} to boot" : "machines never become ready";
}

/// <summary>Listings leave machines out.</summary>
internal sealed record ListsBadly(TimeSpan At, TimeSpan YoungerThan, double Chance) : HistoryEvent(At)
{
    protected override string Tell() => $"listings leave out machines younger than {YoungerThan}, {Chance:P0} of the time";
}

/// <summary>The cloud says of machines that live that they do not exist, and later that they do.</summary>
internal sealed record CloudDenies(TimeSpan At) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.Oracle.Excuses.DoubtAll();

    public override void End(SimulatedWorld world) => world.Oracle.Excuses.DoubtAll();

    protected override string Tell() => "the cloud denies every machine";
}

/// <summary>A machine is gone without anybody's asking.</summary>
internal sealed record MachineLost(TimeSpan At, int Which) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        if (Pick(world.Ours().ToArray(), Which) is { } machine)
        {
            world.Oracle.Excuses.Taken(machine, "its host failed");
            world.Cloud.Lose(machine);
        }
    }

    protected override string Tell() => $"machine #{Which} is lost";
}

/// <summary>Somebody else's machine shows up under our tag, or one of ours that no journal knows.</summary>
internal sealed record MachinePlanted(TimeSpan At, string Name, bool Ours) : HistoryEvent(At)
{
    // One that is younger than the daemon would prove that another daemon acts (invariant O5).
    private static readonly TimeSpan BeforeAnyDaemon = TimeSpan.FromDays(30);

    public override void Begin(SimulatedWorld world)
    {
        var machine = world.Cloud.Plant(
            Name, Ours ? BeforeAnyDaemon : TimeSpan.Zero, world.Ownership.Tag, Ours ? world.Ownership.Owner : "fjb-0123456789abcdef");
        world.Oracle.Excuses.Planted(machine);
    }

    protected override string Tell() =>
        Ours ? $"machine {Name} with our marks, unknown to any journal, shows up" : $"somebody's machine {Name} shows up under our tag";
}

/// <summary>The process on a machine is killed, as by the kernel for want of memory.</summary>
internal sealed record ProcessKilled(TimeSpan At, int Which) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        var running = world.Ours().SelectMany(m => m.Processes.Values.Where(p => p.Alive).Select(p => (Machine: m, Process: p))).ToArray();
        if (running.Length > 0)
        {
            var (machine, process) = running[Which % running.Length];
            world.Oracle.Excuses.Process(process);
            process.Vanish();
        }
    }

    protected override string Tell() => $"process #{Which} is killed by its machine";
}

/// <summary>The process on a machine is killed by its own job, or by the kernel, and what watches it writes down by which signal.</summary>
internal sealed record ProcessDies(TimeSpan At, int Which, int Signal) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        if (Pick(world.Ours().SelectMany(m => m.Processes.Values).Where(p => p.Alive).ToArray(), Which) is { } process)
        {
            world.Oracle.Excuses.Process(process);
            process.DieOf(Signal);
        }
    }

    protected override string Tell() => $"process #{Which} dies of signal {Signal}";
}

/// <summary>A machine is up and could take no job for a while: its engine hangs, or its job keeps it too busy to answer.</summary>
internal sealed record WorkerUnready(TimeSpan At, int Which) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.Reach.Unready(this, Pick(world.Ours().ToArray(), Which));

    public override void End(SimulatedWorld world) => world.Reach.Unready(this, null);

    protected override string Tell() => $"machine #{Which} is not ready for a job";
}

/// <summary>A process ignores the request to end.</summary>
internal sealed record ProcessHangs(TimeSpan At, int Which) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        if (Pick(world.Ours().SelectMany(m => m.Processes.Values).Where(p => p.Alive).ToArray(), Which) is { } process)
        {
            process.IgnoresTerm = true;
        }
    }

    protected override string Tell() => $"process #{Which} ignores SIGTERM from now on";
}

/// <summary>Links break once, or nothing reaches the machines for a while.</summary>
internal sealed record LinkBreaks(TimeSpan At, int? Which) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        foreach (var machine in Hit(world))
        {
            if (Lasts > TimeSpan.Zero)
            {
                world.Reach.Freeze(machine, this);
                if (Lasts > TimeSpan.FromMinutes(12))
                {
                    world.Oracle.Excuses.Machine(machine, "it was unreachable for long");
                }
            }
            else
            {
                machine.BreakLinks();
            }
        }
    }

    public override void End(SimulatedWorld world) => world.Reach.Thaw(this);

    protected override string Tell() =>
        $"{(Which is { } which ? $"the link to machine #{which}" : "every link")} {(Lasts > TimeSpan.Zero ? "freezes" : "breaks")}";

    private VirtualMachine[] Hit(SimulatedWorld world)
    {
        var ours = world.Ours().ToArray();
        return Which is not { } which ? ours : Pick(ours, which) is { } one ? [one] : [];
    }
}

/// <summary>A machine shows another host key from now on.</summary>
internal sealed record HostKeyChanges(TimeSpan At, int Which) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        if (Pick(world.Ours().ToArray(), Which) is { } machine)
        {
            world.Oracle.Excuses.Machine(machine, "its host key changed");
            machine.WrongHostKey = true;
            machine.BreakLinks();
        }
    }

    protected override string Tell() => $"machine #{Which} shows another host key";
}

/// <summary>Workers refuse to start processes, or the link breaks as they do.</summary>
internal sealed record LaunchesFail(TimeSpan At, bool AnswerLost, double Chance) : HistoryEvent(At)
{
    protected override string Tell() =>
        $"{(AnswerLost ? "links break as a process starts" : "workers cannot start processes")}, {Chance:P0} of the time";
}
