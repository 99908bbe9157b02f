using FjBellows.Sandbox.Forge;

namespace FjBellows.Simulation.Tests;

/// <summary>Once nothing more is to come and everything works, the pool comes to rest.</summary>
internal sealed class RestCheck(Scene scene) : ICheck
{
    /// <summary>True for a job that a worker of the pool can get and run, and that must have run in the end.</summary>
    public static bool CanRun(SimulatedWorld world, ForgeJob job) => HasOurLabels(job) && !world.Hopeless.Contains(job.Id);

    /// <summary>True for a job that a worker of the pool would get now, though it may have been withheld for so long that nobody waits for
    /// it.</summary>
    public static bool CanBeHad(SimulatedWorld world, ForgeJob job) => HasOurLabels(job) && !world.Withheld.Contains(job.Id);

    public bool IsQuiet() =>
        scene.World.Daemon.Runs
        && !scene.World.Ours().Any()
        && scene.World.Forge.State.Jobs().All(j => j.IsDone || !CanRun(scene.World, j))
        && PoolIsEmpty();

    public void End(bool quiet)
    {
        if (quiet)
        {
            return;
        }

        var world = scene.World;
        var jobs = world.Forge.State.Jobs().Where(j => !j.IsDone && CanRun(world, j)).Select(j => $"{j.Id}:{j.Status}").ToArray();
        var status = "silent";
        try
        {
            var s = world.Daemon.Status();
            status = string.Join("; ", s.Workers.Select(w => $"{w.Name} {w.Phase} usable {w.Usable} {w.Current?.Dispatch}: {w.Why}")
                .Concat(s.Waiting.Select(w => $"{w.Job}: {w.Why}")));
        }
        catch (InvalidOperationException)
        {
            // The word for it stands above.
        }

        scene.Findings.Violate(
            "R", $"it never became quiet: {world.Ours().Count()} machine(s) left " +
                $"({string.Join(' ', world.Ours().Select(m => m.Instance.Name))}), open jobs [{string.Join(' ', jobs)}], pool: {status}");
    }

    private static bool HasOurLabels(ForgeJob job) => job.RunsOn.Count > 0 && job.RunsOn.All(l => l is "docker" or "big");

    private bool PoolIsEmpty()
    {
        try
        {
            return scene.World.Daemon.Status().Workers.Count == 0;
        }
        catch (InvalidOperationException)
        {
            return false; // It reads its journal.
        }
    }
}
