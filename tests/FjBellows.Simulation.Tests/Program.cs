using System.Diagnostics;
using System.Globalization;

namespace FjBellows.Simulation.Tests;

/// <summary>The soak: fresh seeds for some minutes, or one seed again.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var options = Enumerable.Range(0, arguments.Length / 2)
            .ToDictionary(i => arguments[2 * i], i => double.Parse(arguments[(2 * i) + 1], CultureInfo.InvariantCulture));
        if (options.TryGetValue("--seed", out var seed))
        {
            return Replay(HistoryGenerator.Of((int)seed));
        }

        if (options.TryGetValue("--mutations", out var last))
        {
            return MutationSearch.Run((int)last, Console.Out);
        }

        if (options.TryGetValue("--finds", out var searched))
        {
            return MutationSearch.List((int)searched, Console.Out);
        }

        if (options.TryGetValue("--faults", out var tried))
        {
            return FaultSearch.Run((int)tried, (int)options.GetValueOrDefault("--threads", Environment.ProcessorCount), Console.Out);
        }

        var minutes = options.GetValueOrDefault("--minutes", 1);
        var first = (int)options.GetValueOrDefault("--from", Environment.TickCount & 0xFFFFFF);
        var threads = (int)options.GetValueOrDefault("--threads", Environment.ProcessorCount);
        var most = (int)options.GetValueOrDefault("--most-failures", 5);
        var count = options.TryGetValue("--seeds", out var seeds) ? (int)seeds : int.MaxValue;
        return Soak.Run(TimeSpan.FromMinutes(minutes), first, count, threads, most, Console.Out);
    }

    private static int Replay(History history)
    {
        var watch = Stopwatch.StartNew();
        var run = HistoryRun.Of(history);
        Console.WriteLine(history);
        Console.WriteLine($"{run.Simulated} simulated in {watch.Elapsed}, {run.Steps} steps, trace {run.TraceHash:x16}");
        if (run.Violations.Count == 0)
        {
            Console.WriteLine("no violation");
            return 0;
        }

        var rules = run.Violations.Select(v => v.Rule).ToHashSet();
        var shortest = Shrinker.Shrink(history, h => HistoryRun.Of(h).Violations.Any(v => rules.Contains(v.Rule)));
        Console.WriteLine($"=== cut down to {shortest.Events.Count} of {history.Events.Count} events");
        Console.WriteLine(HistoryRun.Of(shortest).Story());
        return 1;
    }
}
