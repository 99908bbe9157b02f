using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode;

/// <summary>What <c>provider_config</c> says when the provider is <c>linode</c>. The keys of the Go original keep their names and meaning;
/// <c>fallbacks</c>, <c>api_url</c>, <c>ip</c> and <c>request_timeout</c> are new.</summary>
public sealed record LinodeSettings
{
    /// <summary>Linode's API, version 4.</summary>
    public static Uri DefaultApiUrl { get; } = new("https://api.linode.com/v4");

    /// <summary>Key <c>region</c>: where workers are created first, such as <c>us-ord</c>.</summary>
    public required string Region { get; init; }

    /// <summary>Key <c>type</c>: the plan, such as <c>g6-standard-4</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Key <c>image</c>: what they boot, such as <c>linode/debian12</c>; it must have the capability <c>cloud-init</c>.</summary>
    public required string Image { get; init; }

    /// <summary>Key <c>token</c>: a personal access token with <c>linodes:read_write</c>, and <c>firewall:read_write</c>,
    /// <c>placement:read_write</c> and <c>vpc:read_write</c> for what is managed.</summary>
    public required Secret Token { get; init; }

    /// <summary>Key <c>fallbacks</c>: where else and what else to create, in order, when there is no capacity.</summary>
    public IReadOnlyList<LinodePlacement> Fallbacks { get; init; } = [];

    /// <summary>Key <c>firewall_id</c>: an operator's own firewall to put workers behind; it is never changed.</summary>
    public long? FirewallId { get; init; }

    /// <summary>Key <c>firewall</c>: a firewall kept by the provider. Not together with <see cref="FirewallId"/>.</summary>
    public LinodeFirewallSettings? Firewall { get; init; }

    /// <summary>Key <c>placement_group_id</c>: an operator's own placement group in <see cref="Region"/>.</summary>
    public long? PlacementGroupId { get; init; }

    /// <summary>Key <c>placement_group</c>: a placement group kept by the provider. Not together with
    /// <see cref="PlacementGroupId"/>.</summary>
    public LinodePlacementGroupSettings? PlacementGroup { get; init; }

    /// <summary>Key <c>vpc</c>: a private network kept by the provider.</summary>
    public LinodeVpcSettings? Vpc { get; init; }

    /// <summary>Key <c>ip</c>: which address of a worker is used.</summary>
    public LinodeAddress Address { get; init; } = LinodeAddress.Public;

    /// <summary>Key <c>api_url</c>: the API's base, with the version.</summary>
    public Uri ApiUrl { get; init; } = DefaultApiUrl;

    /// <summary>Key <c>request_timeout</c>: how long one request may take (invariant R1).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The port the managed firewall opens to the daemon; the pool's <c>ssh.port</c>.</summary>
    public int SshPort { get; init; } = 22;

    /// <summary>Every place to create in, the wanted one first.</summary>
    public IReadOnlyList<LinodePlacement> Placements => [new(Region, Type), .. Fallbacks];

    /// <summary>What is wrong with the settings as they stand, without asking the cloud; empty when nothing is.</summary>
    public IReadOnlyList<SettingProblem> Problems()
    {
        var checks = new SettingChecks();
        checks.Text("region", Region, "name a region, such as us-ord");
        checks.Text("type", Type, "name a plan, such as g6-standard-4");
        checks.Text("image", Image, "name an image, such as linode/debian12");
        checks.Account(Token, ApiUrl, RequestTimeout);
        for (var i = 0; i < Fallbacks.Count; i++)
        {
            checks.Text($"fallbacks[{i}].region", Fallbacks[i].Region, "name a region");
            checks.Text($"fallbacks[{i}].type", Fallbacks[i].Type, "name a plan");
        }

        checks.Id("firewall_id", FirewallId);
        checks.Id("placement_group_id", PlacementGroupId);
        checks.Exclusive("firewall", Firewall is not null, "firewall_id", FirewallId is not null);
        checks.Exclusive("placement_group", PlacementGroup is not null, "placement_group_id", PlacementGroupId is not null);
        checks.If(
            PlacementGroupId is not null && Fallbacks.Any(f => !string.Equals(f.Region, Region, StringComparison.Ordinal)),
            "placement_group_id",
            $"is bound to region {Region}, but fallbacks name other regions; use placement_group, which makes one per region");
        checks.If(Address == LinodeAddress.Vpc && Vpc is null, "ip", "is vpc, but there is no vpc block");
        checks.If(SshPort is < 1 or > 65535, "ssh.port", $"{SshPort} is no port");
        Firewall?.Check(checks);
        Vpc?.Check(checks);
        return checks.Problems;
    }
}

/// <summary>A place to create a worker in.</summary>
/// <param name="Region">The region's id.</param>
/// <param name="Type">The plan's id.</param>
public sealed record LinodePlacement(string Region, string Type)
{
    /// <inheritdoc />
    public override string ToString() => $"{Region}/{Type}";
}

/// <summary>Which address of a worker the daemon connects to.</summary>
public enum LinodeAddress
{
    /// <summary>The public one.</summary>
    Public,

    /// <summary>The one inside the VPC: the daemon must be inside too, or routed to it.</summary>
    Vpc,
}
