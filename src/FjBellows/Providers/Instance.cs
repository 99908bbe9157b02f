namespace FjBellows.Providers;

/// <summary>An instance as a cloud lists it.</summary>
/// <param name="Id">The cloud's id.</param>
/// <param name="Name">The name it was created with.</param>
/// <param name="Status">What the cloud says of it.</param>
/// <param name="CreatedAt">When billing began, by the cloud's clock, UTC.</param>
/// <param name="Addresses">Where it can be reached, best first; empty while the cloud has given none.</param>
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
