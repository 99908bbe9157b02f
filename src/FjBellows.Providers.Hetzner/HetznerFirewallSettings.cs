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

    internal void Check(SettingChecks checks)
    {
        checks.Sources("firewall.allow_inbound", AllowInbound, "so no worker could be reached; write the daemon's network, or auto");
        checks.Firewall(RefreshInterval, FollowsHost, AddressServices);
    }
}
