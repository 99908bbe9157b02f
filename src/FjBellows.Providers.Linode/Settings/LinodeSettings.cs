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

    /// <summary>Key <c>ip</c>: which address of a worker is dialled.</summary>
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
        var problems = new List<SettingProblem>();
        Require(problems, "region", Region, "name a region, such as us-ord");
        Require(problems, "type", Type, "name a plan, such as g6-standard-4");
        Require(problems, "image", Image, "name an image, such as linode/debian12");
        if (Token.IsEmpty)
        {
            problems.Add(new("token", "is empty; create a personal access token with linodes:read_write"));
        }

        for (var i = 0; i < Fallbacks.Count; i++)
        {
            Require(problems, $"fallbacks[{i}].region", Fallbacks[i].Region, "name a region");
            Require(problems, $"fallbacks[{i}].type", Fallbacks[i].Type, "name a plan");
        }

        Positive(problems, "firewall_id", FirewallId);
        Positive(problems, "placement_group_id", PlacementGroupId);
        Exclusive(problems, "firewall", Firewall is not null, "firewall_id", FirewallId is not null);
        Exclusive(problems, "placement_group", PlacementGroup is not null, "placement_group_id", PlacementGroupId is not null);
        if (PlacementGroupId is not null && Fallbacks.Any(f => !string.Equals(f.Region, Region, StringComparison.Ordinal)))
        {
            problems.Add(
                new("placement_group_id",
                    $"is bound to region {Region}, but fallbacks name other regions; use placement_group, which makes one per region"));
        }

        if (Address == LinodeAddress.Vpc && Vpc is null)
        {
            problems.Add(new("ip", "is vpc, but there is no vpc block"));
        }

        if (!ApiUrl.IsAbsoluteUri || (ApiUrl.Scheme != Uri.UriSchemeHttps && !ApiUrl.IsLoopback))
        {
            problems.Add(new("api_url", $"'{ApiUrl}' must be an absolute https URL: the token travels to it"));
        }

        if (RequestTimeout <= TimeSpan.Zero)
        {
            problems.Add(new("request_timeout", "must be longer than 0"));
        }

        if (SshPort is < 1 or > 65535)
        {
            problems.Add(new("ssh.port", $"{SshPort} is no port"));
        }

        problems.AddRange(Firewall?.Problems() ?? []);
        problems.AddRange(Vpc?.Problems() ?? []);
        return problems;
    }

    private static void Require(List<SettingProblem> problems, string key, string value, string advice)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            problems.Add(new(key, $"is empty; {advice}"));
        }
    }

    private static void Positive(List<SettingProblem> problems, string key, long? value)
    {
        if (value <= 0)
        {
            problems.Add(new(key, $"{value} is no id; leave the key out to have none"));
        }
    }

    private static void Exclusive(List<SettingProblem> problems, string key, bool has, string other, bool hasOther)
    {
        if (has && hasOther)
        {
            problems.Add(new(key, $"and {other} exclude each other: keep {other} for one of your own, {key} for one that is made for you"));
        }
    }
}
