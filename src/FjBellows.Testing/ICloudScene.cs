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
    /// <returns>False where the scene cannot do that; the fact is skipped then.</returns>
    Task<bool> SeedAsync(string name, Ownership ownership);

    /// <summary>Lets something go wrong from now on, or with the next request of its kind.</summary>
    /// <param name="trouble">What.</param>
    /// <returns>False where the scene cannot do that; the fact is skipped then.</returns>
    bool Arrange(CloudTrouble trouble);

    /// <summary>Lets time pass until what was accepted has ended: instances run, deletions are done.</summary>
    Task SettleAsync();
}

/// <summary>What goes wrong with a cloud.</summary>
public enum CloudTrouble
{
    /// <summary>The next create is carried out, and its answer is lost.</summary>
    LostCreateAnswer,

    /// <summary>The next delete is carried out, and its answer is lost.</summary>
    LostDeleteAnswer,

    /// <summary>The next create is answered by a server's failure and not carried out.</summary>
    CreateFails,

    /// <summary>The next create is carried out and answered by a server's failure all the same.</summary>
    CreateWorksBehindFailure,

    /// <summary>The next create is refused for too many requests, with a pause of 40 s.</summary>
    TooManyRequests,

    /// <summary>The account may not own more.</summary>
    QuotaReached,

    /// <summary>There is no capacity, in any place configured.</summary>
    NoCapacity,

    /// <summary>The next create is accepted, and fails for want of capacity afterwards.</summary>
    LateFailure,

    /// <summary>The token is refused.</summary>
    TokenRefused,

    /// <summary>The next look-up of an instance gets a proxy's page of "not found".</summary>
    ProxysNotFound,

    /// <summary>The next list is answered by a page of HTML under a status of success.</summary>
    ListIsHtml,

    /// <summary>The list has several pages, and the last of them fails.</summary>
    LastPageFails,

    /// <summary>The next create is refused with a sentence that repeats all that was sent.</summary>
    EchoesWhatWasSent,

    /// <summary>Every instance has a state that no version knows.</summary>
    UnknownStatus,
}
