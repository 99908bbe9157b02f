using System.Collections.Concurrent;
using FjBellows.Billing;
using FjBellows.Providers;
using Xunit.Abstractions;

namespace FjBellows.Simulation.Tests;

/// <summary>The daemon is killed before and after every write of its journal and every effect of a worker's life, one after the
/// other.</summary>
public sealed class CrashMatrixTests(ITestOutputHelper output)
{
    private static readonly TimeSpan[] Downs = [TimeSpan.Zero, TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(70)];

    [Theory]
    [InlineData("two jobs, a roll into the next hour, a removal")]
    [InlineData("a cancelled job, a held job, a stolen job")]
    [InlineData("lost answers of create, register, start and delete")]
    [InlineData("an orphan, a dead host, a refused deletion")]
    [Trait("Invariant", "W2")]
    [Trait("Invariant", "W14")]
    [Trait("Invariant", "J10")]
    public void A_daemon_killed_at_any_step_of_a_life_recovers(string script)
    {
        var history = Script(script);
        var steps = new List<string>();
        Live(history, steps, null, TimeSpan.Zero).Violations.ShouldBeEmpty();
        steps.Count.ShouldBeGreaterThan(30);
        // By default every step is died at once, with the times down in turn; FJB_SIMULATION_FULL=1 dies at every step with each.
        var full = Environment.GetEnvironmentVariable("FJB_SIMULATION_FULL") == "1";
        var deaths = Enumerable.Range(0, steps.Count)
            .SelectMany(step => full ? Downs.Select(down => (Step: step, Down: down)) : [(step, Downs[step % Downs.Length])])
            .ToArray();
        var failures = new ConcurrentBag<string>();
        var next = -1;
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) is var i && i < deaths.Length && failures.Count < 5)
            {
                var (step, down) = deaths[i];
                var run = Live(history, [], step, down);
                if (run.Violations.Count > 0 || run.Kills < 1)
                {
                    failures.Add(
                        $"killed at step {step}, {steps[step]}, down for {down}: " +
                        $"{string.Join("; ", run.Violations.Take(2))}\n{string.Join('\n', run.Told.TakeLast(40))}");
                }
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());
        output.WriteLine($"{script}: {steps.Count} steps, {deaths.Length} deaths");
        failures.ShouldBeEmpty();
    }

    /// <summary>Lives the script once; the observers' own looks, which change nothing, are not counted as steps.</summary>
    private static HistoryRun Live(History history, List<string> steps, int? dieAt, TimeSpan down)
    {
        var world = new SimulatedWorld(history);
        var (count, looked) = (0, "");
        world.Step = (what, before) =>
        {
            // A look that is repeated while nothing else happens is one step: dying at its hundredth is dying at its first.
            if (what is "jobs" or "runners" or "list" || !world.Daemon.Runs
                || (what is "runner" or "inspect" && looked.Contains($"{what} {before};", StringComparison.Ordinal)))
            {
                return;
            }

            looked = what is "runner" or "inspect" ? looked + $"{what} {before};" : "";

            steps.Add($"{(before ? "before" : "after")} {what}");
            if (count++ == dieAt)
            {
                world.Kill(down, null);
            }
        };
        foreach (var e in history.Events)
        {
            world.Clock.Schedule(e.At, () => world.Begin(e));
            world.Clock.Schedule(e.At + e.Lasts, () => world.End(e));
        }

        return HistoryRun.Finish(world, history);
    }

    private static History Script(string script) => new()
    {
        Seed = 1,
        Billing = BillingModel.Hourly,
        Max = 2,
        Boot = TimeSpan.FromSeconds(40),
        BusyInterval = TimeSpan.FromSeconds(2),
        Events = script switch
        {
            "two jobs, a roll into the next hour, a removal" =>
            [
                Job(0.1, 3),
                Job(50, 15),
            ],
            "a cancelled job, a held job, a stolen job" =>
            [
                Job(0.1, 20),
                new JobsArrive(TimeSpan.FromMinutes(1), 2, TimeSpan.FromMinutes(2), "docker", "deploy"),
                new JobCancelled(TimeSpan.FromMinutes(5), 0),
                Job(10, 1),
                new JobStolen(TimeSpan.FromMinutes(10.01), 0, TimeSpan.FromMinutes(1)),
            ],
            "lost answers of create, register, start and delete" =>
            [
                Job(0.1, 3),
                new CloudAnswersLost(TimeSpan.FromMinutes(0), "create", 1) { Lasts = TimeSpan.FromMinutes(1) },
                new ForgejoAnswersLost(TimeSpan.FromMinutes(0), "register", 1) { Lasts = TimeSpan.FromMinutes(1.5) },
                new LaunchesFail(TimeSpan.FromMinutes(0), AnswerLost: true, 1) { Lasts = TimeSpan.FromMinutes(3) },
                new CloudAnswersLost(TimeSpan.FromMinutes(50), "delete", 1) { Lasts = TimeSpan.FromMinutes(6) },
            ],
            _ =>
            [
                new MachinePlanted(TimeSpan.Zero, "cid-lost1", Ours: true),
                Job(0.1, 8),
                new MachineLost(TimeSpan.FromMinutes(3), 1),
                Job(6, 1),
                new CloudRefuses(TimeSpan.FromMinutes(20), "delete", CloudErrorKind.Conflict, 1, null) { Lasts = TimeSpan.FromMinutes(70) },
            ],
        },
    };

    private static JobsArrive Job(double atMinute, double minutes) =>
        new(TimeSpan.FromMinutes(atMinute), 1, TimeSpan.FromMinutes(minutes), "docker", null);
}
