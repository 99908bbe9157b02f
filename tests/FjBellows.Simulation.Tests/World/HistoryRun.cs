namespace FjBellows.Simulation.Tests;

/// <summary>What came of a history.</summary>
/// <param name="History">The history.</param>
/// <param name="Violations">What must not have been.</param>
/// <param name="TraceHash">A number that two equal runs share.</param>
/// <param name="Simulated">How much time passed in it.</param>
/// <param name="Jobs">Job attempts that were queued.</param>
/// <param name="Machines">Machines that were made.</param>
/// <param name="Kills">How often the daemon was killed.</param>
/// <param name="Steps">Work items run.</param>
/// <param name="Told">What the pool told, the last part of it.</param>
internal sealed record HistoryRun(
    History History,
    IReadOnlyList<Violation> Violations,
    ulong TraceHash,
    TimeSpan Simulated,
    int Jobs,
    int Machines,
    int Kills,
    long Steps,
    IReadOnlyList<string> Told)
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromHours(36);

    /// <summary>Lets a history happen.</summary>
    /// <param name="history">The history.</param>
    /// <param name="mutation">A bug to give the pool; null for none.</param>
    public static HistoryRun Of(History history, Mutation? mutation = null)
    {
        var world = new SimulatedWorld(history, mutation);
        foreach (var e in history.Events)
        {
            world.Clock.Schedule(e.At, () => world.Begin(e));
            if (e.Lasts > TimeSpan.Zero)
            {
                world.Clock.Schedule(e.At + e.Lasts, () => world.End(e));
            }
        }

        return Finish(world, history);
    }

    /// <summary>Runs a prepared world to its end and judges it.</summary>
    public static HistoryRun Finish(SimulatedWorld world, History history)
    {
        IReadOnlyList<Violation> violations;
        try
        {
            world.Run();
            Sweep(world);
            world.Clock.Advance(history.Length + TimeSpan.FromSeconds(1));
            world.Heal();
            world.Clock.Advance(TimeSpan.FromMinutes(21));
            var quiet = world.Clock.AdvanceUntil(world.Oracle.IsQuiet, LongestEnd, TimeSpan.FromMinutes(1));
            world.Clock.Advance(TimeSpan.FromMinutes(10));
            world.Oracle.Judge(quiet);
            violations = world.Oracle.Violations;
        }
        catch (Exception e)
        {
            violations = [.. world.Oracle.Violations, new Violation("R0", world.Clock.Elapsed, $"the world broke: {e}")];
        }

        return new HistoryRun(
            history,
            violations,
            world.Oracle.TraceHash,
            world.Clock.Elapsed,
            (int)world.Forge.State.Jobs().Sum(j => j.Attempt),
            world.Cloud.Machines.Count,
            world.Kills,
            world.Clock.Steps,
            [.. world.Daemon.Notices.TakeLast(400).Select(n => $"{n.At:HH:mm:ss.fff} {n.Message}")]);
    }

    /// <summary>The story of a failure: what happened, what was found, and how to see it again.</summary>
    public string Story() =>
        $"{string.Join('\n', Violations.Take(5))}\n--- {History}\n--- the pool's last words\n{string.Join('\n', Told.TakeLast(60))}\n" +
        $"--- replay: dotnet run -c Release --project tests/FjBellows.Simulation.Tests -- --seed {History.Seed}";

    /// <summary>Forgejo's own cron.</summary>
    private static void Sweep(SimulatedWorld world) => world.Clock.Schedule(TimeSpan.FromMinutes(1), () =>
    {
        world.Forge.Sweep();
        world.Oracle.Look();
        Sweep(world);
    });
}
