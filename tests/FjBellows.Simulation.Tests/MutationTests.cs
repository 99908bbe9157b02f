namespace FjBellows.Simulation.Tests;

/// <summary>The oracle bites: each known bug is found by a fixed seed.</summary>
public sealed class MutationTests
{
    private const int MostSeeds = 100;

    // All bugs are searched for at once, on every core.
    private static readonly Lazy<IReadOnlyDictionary<string, MutationSearch.Find>> Finds =
        new(() => MutationSearch.All(MostSeeds, Environment.ProcessorCount));

    public static TheoryData<string> Bugs => [.. Mutation.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_known_bug_is_found(string bug)
    {
        var find = Finds.Value[bug];
        if (find.Mutation.IsTheProductsOwn)
        {
            return; // Nothing tells it from the product; the day the product is without it, it must be found.
        }

        find.Run.ShouldNotBeNull($"no history of the seeds 1 to {MostSeeds} broke a rule although {bug}");
    }
}
