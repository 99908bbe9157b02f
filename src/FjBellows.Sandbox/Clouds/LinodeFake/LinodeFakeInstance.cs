namespace FjBellows.Sandbox.Clouds;

/// <summary>An instance of the stand-in, as it is at the moment of asking.</summary>
/// <param name="Region">Where it is.</param>
/// <param name="Type">What it is.</param>
/// <param name="Status">Linode's word for its state.</param>
/// <param name="Created">When it was created, UTC.</param>
/// <param name="Address">Its public address.</param>
public sealed record LinodeFakeInstance(
    long Id, string Label, string Region, string Type, string Status, DateTimeOffset Created, IReadOnlyList<string> Tags, string Address)
{
    /// <summary>The first-boot document, decoded; null when none was sent.</summary>
    public string? UserData { get; init; }

    /// <summary>The keys that may log in.</summary>
    public IReadOnlyList<string> AuthorizedKeys { get; init; } = [];

    /// <summary>The firewall it is behind.</summary>
    public long? FirewallId { get; init; }

    /// <summary>The placement group it is in.</summary>
    public long? GroupId { get; init; }

    /// <summary>The subnet it is in.</summary>
    public long? SubnetId { get; init; }

    /// <summary>Its locks.</summary>
    public IReadOnlyList<string> Locks { get; init; } = [];

    internal string RootPass { get; init; } = "";

    internal DateTimeOffset? DeletedAt { get; init; }

    /// <summary>A state that time does not move, such as <c>cloning</c>.</summary>
    internal string? HeldStatus { get; init; }
}
