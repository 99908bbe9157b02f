using FjBellows.Sandbox.Forge;

namespace FjBellows.Simulation.Tests;

/// <summary>Jobs are queued.</summary>
internal sealed record JobsArrive(TimeSpan At, int Count, TimeSpan Takes, string Label, string? Group) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        for (var i = 0; i < Count; i++)
        {
            // A job that no worker can run would hold the later ones of its group for ever.
            world.Forge.Enqueue(Takes, Label, Label == "arm" ? null : Group);
        }
    }

    protected override string Tell() => $"{Count} job(s) of {Takes} for '{Label}' are queued{(Group is null ? "" : $" in group {Group}")}";
}

/// <summary>A run of three jobs is queued, each of which needs the one before.</summary>
internal sealed record RunArrives(TimeSpan At, TimeSpan Takes) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        var payload = Takes.ToString("c");
        world.Forge.State.Enqueue("octo/repo",
        [
            new ForgeJobRequest("build", ["docker"], payload),
            new ForgeJobRequest("test", ["docker"], payload) { Needs = ["build"] },
            new ForgeJobRequest("deploy", ["docker"], payload) { Needs = ["test"] },
        ]);
    }

    protected override string Tell() => $"a run of three jobs of {Takes}, each needing the one before, is queued";
}

/// <summary>A person stops a job, waiting or running.</summary>
internal sealed record JobCancelled(TimeSpan At, int Which) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        if (Pick(
            world.Forge.State.Jobs().Where(j => j.Status is ForgeJobStatus.Waiting or ForgeJobStatus.Running).ToArray(), Which) is { } job)
        {
            world.Oracle.Excuses.Job(job.Id, job.Attempt);
            world.Forge.State.Cancel(job.Id);
        }
    }

    protected override string Tell() => $"open job #{Which} is cancelled";
}

/// <summary>A person runs a finished job again.</summary>
internal sealed record JobRunAgain(TimeSpan At, int Which) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        if (Pick(world.Forge.State.Jobs().Where(j => j.IsDone && j.Needs.Count == 0).ToArray(), Which) is { } job)
        {
            world.Forge.State.Rerun(job.Id);
        }
    }

    protected override string Tell() => $"finished job #{Which} is run again";
}

/// <summary>Another runner takes a waiting job.</summary>
internal sealed record JobStolen(TimeSpan At, int Which, TimeSpan Takes) : HistoryEvent(At)
{
    public override bool IsFault => false;

    public override void Begin(SimulatedWorld world)
    {
        if (Pick(world.Forge.State.Jobs().Where(j => j.Status == ForgeJobStatus.Waiting).ToArray(), Which) is { } job)
        {
            world.Oracle.Excuses.Job(job.Id, job.Attempt);
            var task = world.Forge.State.Steal(job.Id);
            world.Clock.Schedule(Takes, () => world.Forge.State.FinishStolen(task));
        }
    }

    protected override string Tell() => $"another runner takes waiting job #{Which} and needs {Takes}";
}
