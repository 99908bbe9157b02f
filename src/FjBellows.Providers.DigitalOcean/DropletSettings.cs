using FjBellows.Providers.Rest;

namespace FjBellows.Providers.DigitalOcean;

/// <summary>What <c>provider_config</c> says when the provider is <c>digitalocean</c>.</summary>
public sealed record DropletSettings
{
    /// <summary>DigitalOcean's API, version 2.</summary>
    public static Uri DefaultApiUrl { get; } = new("https://api.digitalocean.com/v2");

    /// <summary>Key <c>region</c>: a region such as <c>fra1</c>, the beginning of several such as <c>nyc</c>, or empty for any.</summary>
    public string Region { get; init; } = "";

    /// <summary>Key <c>size</c>: the size, such as <c>s-2vcpu-4gb</c>.</summary>
    public required string Size { get; init; }

    /// <summary>Key <c>image</c>: a slug such as <c>debian-12-x64</c>, or the id of a snapshot.</summary>
    public required string Image { get; init; }

    /// <summary>Key <c>token</c>: a token with the scopes droplet:create, droplet:read, droplet:delete and tag:create.</summary>
    public required Secret Token { get; init; }

    /// <summary>Key <c>fallbacks</c>: where else and what else to create, in order, when there is no capacity.</summary>
    public IReadOnlyList<DropletPlacement> Fallbacks { get; init; } = [];

    /// <summary>Key <c>vpc_uuid</c>: an operator's own VPC; the region's default one without it.</summary>
    public string? VpcUuid { get; init; }

    /// <summary>Key <c>public_network</c>: false for droplets without a public address.</summary>
    public bool PublicNetwork { get; init; } = true;

    /// <summary>Key <c>ip</c>: true for <c>private</c>: the address inside the VPC is used.</summary>
    public bool UsesPrivateAddress { get; init; }

    /// <summary>Key <c>ssh_keys</c>: ids or fingerprints of registered keys. Workers need none, but without one DigitalOcean mails a root
    /// password for each droplet.</summary>
    public IReadOnlyList<string> SshKeys { get; init; } = [];

    /// <summary>Key <c>api_url</c>: the API's base, with its version.</summary>
    public Uri ApiUrl { get; init; } = DefaultApiUrl;

    /// <summary>Key <c>request_timeout</c>: how long one request may take (invariant R1).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Every place to create in, the preferred one first.</summary>
    public IReadOnlyList<DropletPlacement> Placements => [new(Region, Size), .. Fallbacks];

    /// <summary>What is wrong with the settings as they stand, without asking the cloud; empty when nothing is.</summary>
    public IReadOnlyList<SettingProblem> Problems()
    {
        var checks = new SettingChecks();
        checks.Text("size", Size, "name a size, such as s-2vcpu-4gb");
        checks.Text("image", Image, "name an image, such as debian-12-x64");
        checks.Account(Token, ApiUrl, RequestTimeout);
        for (var i = 0; i < Fallbacks.Count; i++)
        {
            checks.Text($"fallbacks[{i}].size", Fallbacks[i].Size, "name a size");
        }

        checks.If(
            !PublicNetwork && !UsesPrivateAddress, "public_network",
            "is false, but ip is public, so no worker could be reached; write ip: private");
        return checks.Problems;
    }
}

/// <summary>A place to create a worker in.</summary>
/// <param name="Region">The region, the beginning of several, or empty for any.</param>
public sealed record DropletPlacement(string Region, string Size)
{
    /// <inheritdoc />
    public override string ToString() => $"{(Region.Length > 0 ? Region : "anywhere")}/{Size}";
}
