using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>From now on runners reach Forgejo only through the daemon's connection to their worker.</summary>
internal sealed record TunnelOnly(TimeSpan At) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) => world.Connector.Reach = RunnerReach.Tunnel;

    protected override string Tell() => "runners reach Forgejo through the tunnel only";
}

/// <summary>Nobody reaches Forgejo, runners neither.</summary>
internal sealed record ForgejoAway(TimeSpan At) : HistoryEvent(At)
{
    protected override string Tell() => "Forgejo is away, for runners too";
}

/// <summary>Forgejo assigns jobs to runners and its answers are lost.</summary>
internal sealed record FetchAnswersLost(TimeSpan At, double Chance) : HistoryEvent(At)
{
    protected override string Tell() => $"answers to runners that fetch a task are lost, {Chance:P0} of the time";
}

/// <summary>A process does not end when it is killed, as in an uninterruptible wait.</summary>
internal sealed record ProcessUnkillable(TimeSpan At, int Which) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        if (Pick(world.Ours().SelectMany(m => m.Processes.Values).Where(p => p.Alive).ToArray(), Which) is { } process)
        {
            (process.IgnoresTerm, process.IgnoresKill) = (true, true);
        }
    }

    protected override string Tell() => $"process #{Which} survives every signal from now on";
}

/// <summary>A job writes an exit code where its worker keeps them, and goes on.</summary>
internal sealed record JobForgesExit(TimeSpan At, int Which, int Code) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        if (Pick(
            world.Ours().SelectMany(m => m.Processes.Values).Where(p => p is { Alive: true, JobId: not null }).ToArray(),
            Which) is { } process)
        {
            process.ForgedExit = Code;
        }
    }

    protected override string Tell() => $"the job of process #{Which} writes down exit code {Code} and goes on";
}

/// <summary>One job cannot be started on any worker.</summary>
internal sealed record JobNeverStarts(TimeSpan At, int Which) : HistoryEvent(At)
{
    /// <summary>True for a handle of the job with that place among all that were ever queued, so that it stays the same one.</summary>
    public bool Hits(SimulatedWorld world, string handle) => world.Forge.State.Jobs().ElementAtOrDefault(Which)?.Handle == handle;

    protected override string Tell() => $"job #{Which} of those queued cannot be started anywhere";
}

/// <summary>Waiting jobs are listed and not handed out: the Actions unit of their repository is switched off.</summary>
internal sealed record JobsNotHandedOut(TimeSpan At, int Count) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world)
    {
        foreach (var job in world.Forge.State.Enqueue(
            "octo/closed", [.. Enumerable.Range(0, Count).Select(i => new ForgeJobRequest($"closed{i}", ["docker"], "00:01:00"))]))
        {
            world.Withheld.Add(job.Id);
            world.Hopeless.Add(job.Id);
        }
    }

    public override void End(SimulatedWorld world) => world.Withheld.Clear();

    protected override string Tell() => $"{Count} job(s) of a repository whose Actions unit is switched off are listed as waiting";
}

/// <summary>Jobs of several repositories and owners are queued, with names that are no fun.</summary>
internal sealed record StrangeJobsArrive(TimeSpan At, int Count, TimeSpan Takes, string Name, string Label) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        for (var i = 0; i < Count; i++)
        {
            world.Forge.State.Enqueue($"owner{i % 3}/repo{i % 2}", new ForgeJobRequest(Name, [Label], Takes.ToString("c")));
        }
    }

    protected override string Tell() =>
        $"{Count} job(s) named {System.Text.Json.JsonSerializer.Serialize(Name)} of {Takes} for '{Label}' are queued in several " +
        $"repositories";
}

/// <summary>Runs of one concurrency group are queued: the older of two goes first, whether it runs or waits.</summary>
internal sealed record GroupArrives(TimeSpan At, int Count, TimeSpan Takes) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        for (var i = 0; i < Count; i++)
        {
            world.Forge.Enqueue(Takes, group: "production");
        }
    }

    protected override string Tell() => $"{Count} run(s) of one job of {Takes} each are queued in one concurrency group";
}
