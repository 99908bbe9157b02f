namespace FjBellows.Providers;

/// <summary>The cloud's id of an instance, as text whatever the cloud's own type. It is opaque and stable for the instance's life; a cloud
/// that finds instances only within a zone writes the zone into it.</summary>
/// <param name="Value">The id.</param>
public readonly record struct InstanceId(string Value)
{
    /// <inheritdoc />
    public override string ToString() => Value;
}

/// <summary>What the cloud says of an instance's state, as far as the pool cares.</summary>
public enum InstanceStatus
{
    /// <summary>Being made or booting.</summary>
    Starting,

    /// <summary>Up, as far as the cloud can tell.</summary>
    Running,

    /// <summary>Off; most clouds bill it all the same.</summary>
    Stopped,

    /// <summary>On its way out.</summary>
    Deleting,

    /// <summary>A word this version does not know; treated as alive.</summary>
    Unknown,
}

/// <summary>An instance as a cloud lists it.</summary>
/// <param name="Id">The cloud's id.</param>
/// <param name="Name">The name it was created with.</param>
/// <param name="Status">What the cloud says of it.</param>
/// <param name="CreatedAt">When billing began, by the cloud's clock, UTC.</param>
/// <param name="Addresses">Where it can be dialled, best first; empty while the cloud has given none.</param>
/// <param name="Tags">Its tags or labels, as the ownership marks wrote them.</param>
/// <param name="Placement">Where and what it is, for people: region and type.</param>
/// <param name="HourlyPrice">Price per hour in the account's currency, null where the provider does not know.</param>
/// <param name="Port">The port of SSH where it differs from the pool's <c>ssh.port</c>, as behind address translation; null
/// otherwise.</param>
/// <param name="Interruption">Why the cloud takes or took it away by itself, for people: a spot reclaim, an eviction, host maintenance;
/// null while it does not.</param>
public sealed record Instance(
    InstanceId Id,
    string Name,
    InstanceStatus Status,
    DateTimeOffset CreatedAt,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<string> Tags,
    string Placement = "",
    decimal? HourlyPrice = null,
    int? Port = null,
    string? Interruption = null);

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
