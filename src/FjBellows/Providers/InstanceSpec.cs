namespace FjBellows.Providers;

/// <summary>What to create.</summary>
/// <param name="Name">Unique in the account, of the portable alphabet: letters, digits and single hyphens, a letter first, at most
/// 63.</param>
/// <param name="Ownership">The marks it must carry.</param>
/// <param name="UserData">The first-boot document, empty where the connector needs none. It may hold a private host key: a secret.</param>
/// <param name="AuthorizedKeys">Public keys in OpenSSH's form that may log in.</param>
public sealed record InstanceSpec(string Name, Ownership Ownership, Secret UserData, IReadOnlyList<string> AuthorizedKeys)
{
    /// <summary>Which attempt to create an instance of this name this is, the first being 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Placements that were out of capacity a short while ago, as <see cref="Instance.Placement"/> writes them. They are tried
    /// after all others. The pool remembers them; a provider remembers nothing.</summary>
    public IReadOnlyList<string> Skip { get; init; } = [];

    /// <summary>Further marks that the instance carries beside its ownership (<see cref="HostKeyMarks"/>); a provider that cannot carry
    /// them leaves them out.</summary>
    public IReadOnlyList<string> Marks { get; init; } = [];
}
