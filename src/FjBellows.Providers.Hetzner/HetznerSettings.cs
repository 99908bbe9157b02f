using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Hetzner;

/// <summary>What <c>provider_config</c> says when the provider is <c>hetzner</c>.</summary>
public sealed record HetznerSettings
{
    /// <summary>What the beginning of an <see cref="Image"/> says: the newest image with these labels.</summary>
    public const string ImageByLabel = "label:";

    /// <summary>Hetzner Cloud's API, version 1.</summary>
    public static Uri DefaultApiUrl { get; } = new("https://api.hetzner.cloud/v1");

    /// <summary>Key <c>location</c>: where workers are created first, such as <c>fsn1</c>.</summary>
    public required string Location { get; init; }

    /// <summary>Key <c>type</c>: the server type, such as <c>cx23</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Key <c>image</c>: a name such as <c>debian-12</c>, an id, or <c>label:</c> and a label selector, for the newest snapshot
    /// that it selects.</summary>
    public required string Image { get; init; }

    /// <summary>Key <c>token</c>: an API token of the project, with read and write permission.</summary>
    public required Secret Token { get; init; }

    /// <summary>Key <c>fallbacks</c>: where else and what else to create, in order, when there is no capacity.</summary>
    public IReadOnlyList<HetznerPlacement> Fallbacks { get; init; } = [];

    /// <summary>Key <c>firewall_id</c>: an operator's own firewall; it is never changed.</summary>
    public long? FirewallId { get; init; }

    /// <summary>Key <c>firewall</c>: a firewall kept by the provider. Not together with <see cref="FirewallId"/>.</summary>
    public HetznerFirewallSettings? Firewall { get; init; }

    /// <summary>Key <c>network_id</c>: an operator's private network that workers join.</summary>
    public long? NetworkId { get; init; }

    /// <summary>Key <c>placement_group_id</c>: an operator's own placement group.</summary>
    public long? PlacementGroupId { get; init; }

    /// <summary>Key <c>ipv4</c>: whether workers get a public IPv4 address, which costs extra.</summary>
    public bool Ipv4 { get; init; } = true;

    /// <summary>Key <c>ip</c>: true for <c>private</c>: the address inside the network is used.</summary>
    public bool UsesPrivateAddress { get; init; }

    /// <summary>Key <c>ssh_keys</c>: names of keys registered in the project. Workers need none, but without one Hetzner mails a root
    /// password for each server.</summary>
    public IReadOnlyList<string> SshKeys { get; init; } = [];

    /// <summary>Key <c>api_url</c>: the API's base, with its version.</summary>
    public Uri ApiUrl { get; init; } = DefaultApiUrl;

    /// <summary>Key <c>request_timeout</c>: how long one request may take (invariant R1).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The port the managed firewall opens to the daemon; the pool's <c>ssh.port</c>.</summary>
    public int SshPort { get; init; } = 22;

    /// <summary>Every place to create in, the preferred one first.</summary>
    public IReadOnlyList<HetznerPlacement> Placements => [new(Location, Type), .. Fallbacks];

    /// <summary>What is wrong with the settings as they stand, without asking the cloud; empty when nothing is.</summary>
    public IReadOnlyList<SettingProblem> Problems()
    {
        var checks = new SettingChecks();
        checks.Text("location", Location, "name a location, such as fsn1");
        checks.Text("type", Type, "name a server type, such as cx23");
        checks.Text("image", Image, "name an image, such as debian-12");
        checks.Account(Token, ApiUrl, RequestTimeout);
        for (var i = 0; i < Fallbacks.Count; i++)
        {
            checks.Text($"fallbacks[{i}].location", Fallbacks[i].Location, "name a location");
            checks.Text($"fallbacks[{i}].type", Fallbacks[i].Type, "name a server type");
        }

        checks.Exclusive("firewall", Firewall is not null, "firewall_id", FirewallId is not null);
        checks.If(
            UsesPrivateAddress && NetworkId is null, "ip",
            "is private, but there is no network_id; name the network that the daemon reaches workers in");
        Firewall?.Check(checks);
        return checks.Problems;
    }
}

/// <summary>A place to create a worker in.</summary>
/// <param name="Location">The location's name.</param>
/// <param name="Type">The server type's name.</param>
public sealed record HetznerPlacement(string Location, string Type)
{
    /// <inheritdoc />
    public override string ToString() => $"{Location}/{Type}";
}
