namespace FjBellows.Simulation.Tests;

/// <summary>The oracle bites: each known bug is found by a fixed seed.</summary>
public sealed class MutationTests
{
    private const int MostSeeds = 100;

    public static TheoryData<string> Bugs => [.. Mutation.All.Select(m => m.Name)];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_known_bug_is_found(string bug)
    {
        var mutation = Mutation.All.Single(m => m.Name == bug);
        if (mutation.IsTheProductsOwn)
        {
            return; // Nothing tells it from the product; the day the product is without it, it must be found.
        }

        MutationSearch.Search(mutation, Enumerable.Range(0, MostSeeds).Select(i => (mutation.FoundBy + i - 1) % MostSeeds + 1))
            .Run.ShouldNotBeNull($"no history of the seeds 1 to {MostSeeds} broke a rule although {bug}");
    }
}
