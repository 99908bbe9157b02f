using FjBellows.Providers;

namespace FjBellows.Testing;

/// <summary>One fact's world: an account of its own that can be counted, and what goes wrong with it.</summary>
public interface ICloudScene : IAsyncDisposable
{
    /// <summary>The provider under test.</summary>
    ICloudProvider Provider { get; }

    /// <summary>The names of everything that exists and is billed on, whoever owns it, in order.</summary>
    IReadOnlyList<string> Billed { get; }

    /// <summary>How many instances the provider's requests created so far.</summary>
    int Created { get; }

    /// <summary>By-products that no instance needs any more: disks, addresses, cards, keys. Named for messages.</summary>
    IReadOnlyList<string> Leftovers { get; }

    /// <summary>What the provider logged, and everything else that a person may see; empty where nothing is kept.</summary>
    IReadOnlyList<string> Log { get; }

    /// <summary>The secrets that the provider shows to the cloud.</summary>
    IReadOnlyList<string> Secrets { get; }

    /// <summary>Adds an instance that the provider did not create.</summary>
    /// <param name="ownership">Whose marks it carries.</param>
    Task SeedAsync(string name, Ownership ownership);

    /// <summary>Lets something go wrong from now on, or with the next request of its kind.</summary>
    /// <returns>False where the scene cannot do that; it must be among <see cref="SceneAttribute.Lacks"/> then.</returns>
    bool Arrange(CloudTrouble trouble);

    /// <summary>Lets time pass until what was accepted has ended: instances run, deletions are done.</summary>
    Task SettleAsync();
}
