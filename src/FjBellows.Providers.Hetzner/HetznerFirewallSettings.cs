using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Hetzner;

/// <summary>The block <c>firewall</c>: one firewall for the pool's workers that lets in SSH from the daemon and nothing else.</summary>
public sealed record HetznerFirewallSettings
{
    /// <summary>Key <c>allow_inbound</c>: who may reach SSH: networks in CIDR form, <c>auto</c> (the host's own addresses), <c>any</c>,
    /// <c>any-v4</c>, <c>any-v6</c>.</summary>
    public required IReadOnlyList<string> AllowInbound { get; init; }

    /// <summary>Key <c>refresh_interval</c>: how often <c>auto</c> is looked up again; one minute at least.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Key <c>address_services</c>: URLs that answer with the caller's address as plain text.</summary>
    public IReadOnlyList<Uri> AddressServices { get; init; } = HostAddress.DefaultServices;

    internal bool FollowsHost => AllowInbound.Contains(FirewallSource.Auto);

    internal IEnumerable<SettingProblem> Problems()
    {
        if (AllowInbound.Count == 0)
        {
            yield return new("firewall.allow_inbound", "is empty, so no worker could be reached; write the daemon's network, or auto");
        }

        for (var i = 0; i < AllowInbound.Count; i++)
        {
            if (!FirewallSource.IsValid(AllowInbound[i]))
            {
                yield return new(
                    $"firewall.allow_inbound[{i}]",
                    $"'{AllowInbound[i]}' is not a network; write one such as 203.0.113.0/24, or auto, any, any-v4, any-v6");
            }
        }

        if (RefreshInterval < TimeSpan.FromMinutes(1))
        {
            yield return new("firewall.refresh_interval", "is shorter than 1m; write 1m or more");
        }
    }
}
