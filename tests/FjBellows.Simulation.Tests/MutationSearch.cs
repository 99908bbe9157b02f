using System.Globalization;

namespace FjBellows.Simulation.Tests;

/// <summary>Shows that the oracle bites: for every known bug the first fixed seed that finds it.</summary>
internal static class MutationSearch
{
    /// <summary>What found a bug.</summary>
    /// <param name="Mutation">The bug.</param>
    /// <param name="Run">The first history that broke a rule with it; null when none did.</param>
    public sealed record Find(Mutation Mutation, HistoryRun? Run);

    /// <summary>Lets the histories of seeds 1 and up happen to a pool with a bug until one breaks a rule.</summary>
    /// <param name="mutation">The bug.</param>
    /// <param name="seeds">The seeds, in the order to try them, counted from the bug's first one.</param>
    public static Find Search(Mutation mutation, IEnumerable<int> seeds) => new(
        mutation,
        seeds.Select(seed => HistoryRun.Of(HistoryGenerator.Of(mutation.FirstSeed + seed - 1, mutation.Faults), mutation))
            .FirstOrDefault(run => Finds(run, mutation)));

    /// <summary>A bug is found by any broken rule in a history that the product stands; elsewhere by its own rule, where the product
    /// without it keeps that.</summary>
    private static bool Finds(HistoryRun run, Mutation mutation)
    {
        var rule = mutation.FoundAs ?? mutation.Rule;
        return mutation.Faults == FaultSet.Held && run.Violations.Count > 0
            || (run.All.Any(v => v.Rule == rule) && HistoryRun.Of(run.History).All.All(v => v.Rule != rule));
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

        var first = run.All.FirstOrDefault(v => v.Rule == (mutation.FoundAs ?? mutation.Rule)) ?? run.All.First();
        var shortest = Shrinker.Shrink(run.History, h => HistoryRun.Of(h, mutation).All.Any(v => v.Rule == first.Rule), 60);
        var steps = HistoryRun.Of(shortest, mutation).Steps;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {mutation.Name} | {mutation.Rule} | {run.History.Seed} | {first.Rule} | {run.History.Events.Count} → " +
            $"{shortest.Events.Count} | {steps} |");
    }
}
