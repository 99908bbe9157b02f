using System.Globalization;

namespace FjBellows.Simulation.Tests;

/// <summary>Shows that the oracle bites: for every known bug the first fixed seed that finds it.</summary>
internal static class MutationSearch
{
    /// <summary>What found a bug.</summary>
    /// <param name="Mutation">The bug.</param>
    /// <param name="Run">The first history that broke a rule with it; null when none did.</param>
    public sealed record Find(Mutation Mutation, HistoryRun? Run);

    /// <summary>Lets the histories that were written for a bug, and then those of seeds 1 and up, happen to a pool with it until one breaks
    /// a rule.</summary>
    /// <param name="mutation">The bug.</param>
    /// <param name="seeds">The seeds, in the order to try them, counted from the bug's first one.</param>
    public static Find Search(Mutation mutation, IEnumerable<int> seeds) => new(
        mutation,
        mutation.Written.Concat(seeds.Select(seed => HistoryGenerator.Of(mutation.FirstSeed + seed - 1)))
            .Select(history => HistoryRun.Of(history, mutation)).FirstOrDefault(run => Finds(run, mutation)));

    /// <summary>A bug is found by any broken rule in a random history, which the product stands; in one that was written for it by its own
    /// rule, where the product without it keeps that.</summary>
    private static bool Finds(HistoryRun run, Mutation mutation)
    {
        var rule = mutation.FoundAs ?? mutation.Rule;
        return (run.Violations.Count > 0 && !IsWritten(run, mutation))
            || (run.Violations.Any(v => v.Rule == rule) && HistoryRun.Of(run.History).Violations.All(v => v.Rule != rule));
    }

    private static bool IsWritten(HistoryRun run, Mutation mutation) => mutation.Written.Contains(run.History);

    /// <summary>Searches for every bug, each from its known seed on.</summary>
    /// <param name="mostSeeds">How many seeds to try.</param>
    /// <param name="threads">Threads.</param>
    /// <returns>What was found, by the bug's name.</returns>
    public static IReadOnlyDictionary<string, Find> All(int mostSeeds, int threads)
    {
        var finds = new System.Collections.Concurrent.ConcurrentDictionary<string, Find>(StringComparer.Ordinal);
        var next = -1;
        var searchers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            while (Interlocked.Increment(ref next) is var i && i < Mutation.All.Count)
            {
                var mutation = Mutation.All[i];
                finds[mutation.Name] = mutation.IsTheProductsOwn
                    ? new Find(mutation, null)
                    : Search(mutation, Enumerable.Range(0, mostSeeds).Select(seed => ((mutation.FoundBy + seed - 1) % mostSeeds) + 1));
            }
        })).ToArray();
        Array.ForEach(searchers, t => t.Start());
        Array.ForEach(searchers, t => t.Join());
        return finds;
    }

    /// <summary>Prints the seed that finds each bug, without cutting its history down.</summary>
    /// <param name="mostSeeds">How many seeds to try.</param>
    /// <param name="output">Takes the lines.</param>
    /// <returns>The number of bugs that no seed found.</returns>
    public static int List(int mostSeeds, TextWriter output)
    {
        var finds = All(mostSeeds, Environment.ProcessorCount);
        foreach (var (name, find) in finds.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            output.WriteLine(
                $"{name}: " +
                $"{(find.Run is { } run ? $"{(IsWritten(run, find.Mutation) ? "written" : run.History.Seed)}, " +
                    $"{run.Violations[0]}" : "none")}");
        }

        return finds.Values.Count(f => f.Run is null && !f.Mutation.IsTheProductsOwn);
    }

    /// <summary>Prints the table of docs/reliability.md.</summary>
    /// <param name="lastSeed">The last seed to try.</param>
    /// <param name="output">Takes the table.</param>
    /// <returns>The number of bugs that no seed found.</returns>
    public static int Run(int lastSeed, TextWriter output)
    {
        var missed = 0;
        Parallel.ForEach(Mutation.All, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, mutation =>
        {
            var row = Row(Search(mutation, Enumerable.Range(1, lastSeed)), lastSeed, ref missed);
            lock (output)
            {
                output.WriteLine(row);
                output.Flush();
            }
        });
        return missed;
    }

    private static string Row(Find found, int lastSeed, ref int missed)
    {
        var mutation = found.Mutation;
        if (mutation.IsTheProductsOwn)
        {
            return $"| {mutation.Name} | {mutation.Rule} | the product's own | | | |";
        }

        if (found.Run is not { } run)
        {
            Interlocked.Increment(ref missed);
            return $"| {mutation.Name} | {mutation.Rule} | none of {lastSeed} | | | |";
        }

        var first = run.Violations.FirstOrDefault(v => v.Rule == (mutation.FoundAs ?? mutation.Rule)) ?? run.Violations[0];
        var shortest = Shrinker.Shrink(run.History, h => HistoryRun.Of(h, mutation).Violations.Any(v => v.Rule == first.Rule), 60);
        var steps = HistoryRun.Of(shortest, mutation).Steps;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {mutation.Name} | {mutation.Rule} | {(IsWritten(run, mutation) ? "written" : run.History.Seed)} | {first.Rule} | " +
            $"{run.History.Events.Count} → {shortest.Events.Count} | {steps} |");
    }
}
