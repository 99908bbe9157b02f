using FjBellows.Jobs;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Simulation.Tests;

/// <summary>Forgejo refuses calls, or answers nonsense.</summary>
internal sealed record ForgejoRefuses(TimeSpan At, string Call, ForgejoErrorKind Error, double Chance, TimeSpan? RetryAfter)
    : HistoryEvent(At)
{
    public bool Hits(string call) => Call is "*" || Call == call;

    protected override string Tell() =>
        $"Forgejo answers {Call} with {Error}{(RetryAfter is { } wait ? $" (Retry-After {wait})" : "")}, {Chance:P0} of the time";
}

/// <summary>Forgejo carries calls out and their answers are lost.</summary>
internal sealed record ForgejoAnswersLost(TimeSpan At, string Call, double Chance) : HistoryEvent(At)
{
    public bool Hits(string call) => Call is "*" || Call == call;

    protected override string Tell() => $"Forgejo's answers to {Call} are lost, {Chance:P0} of the time";
}

/// <summary>Forgejo takes its time before it looks, or before its answer arrives.</summary>
internal sealed record ForgejoSlow(TimeSpan At, TimeSpan Latency, TimeSpan Answer) : HistoryEvent(At)
{
    protected override string Tell() => $"Forgejo is slow: {Latency} to act, {Answer} to answer";
}

/// <summary>The queue comes in any order, and jobs in it twice.</summary>
internal sealed record QueueReordered(TimeSpan At) : HistoryEvent(At)
{
    protected override string Tell() => "the queue comes in any order, and some jobs twice";
}

/// <summary>Another deployment's runner is registered.</summary>
internal sealed record RunnerPlanted(TimeSpan At, string Name) : HistoryEvent(At)
{
    public override void Begin(SimulatedWorld world) =>
        world.Oracle.Excuses.PlantedRunner(world.Forge.State.Register(ForgeScope.Admin, Name).Id, Name);

    protected override string Tell() => $"somebody registers a runner {Name}";
}
