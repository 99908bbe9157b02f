using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode.Network;

/// <summary>The pool's placement groups, one for each region that workers are created in. Groups carry no tags, so ours are known by a
/// label that no person would choose: the owner identity, the region and the enforcement (which Linode does not let change).</summary>
internal sealed class ManagedPlacementGroup(LinodeApi api, LinodePlacementGroupSettings settings, ILogger log)
{
    private const string Path = "placement/groups";

    private readonly Kept<LinodeGroup> _kept = new("Placement group", g => g.Id, g => g.Label, log);

    private string Enforcement => settings.Enforcement == LinodeEnforcement.Strict ? "strict" : "flexible";

    /// <summary>The id of the region's group, after making it if it is gone.</summary>
    public async Task<long> EnsureAsync(Ownership ownership, string region, CancellationToken cancellationToken)
    {
        var label = $"{ownership.Owner}-{region}-{Enforcement}";
        var body = new LinodeGroupCreate(label, region, "anti_affinity:local", Enforcement);
        var group = await _kept.FindAsync(
            label, id => api.FindAsync<LinodeGroup>($"{Path}/{id}", cancellationToken), LookAsync).ConfigureAwait(false)
            ?? await _kept.MakeAsync(
                label, () => api.PostAsync<LinodeGroupCreate, LinodeGroup>(Path, body, cancellationToken), LookAsync).ConfigureAwait(false);
        return group.Id;

        async Task<LinodeGroup?> LookAsync() => (await api.ListAsync<LinodeGroup>(Path, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(g => string.Equals(g.Label, label, StringComparison.Ordinal));
    }

    /// <summary>Deletes every group of ours that has no member; true when none is left.</summary>
    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken) => await _kept.ReleaseAsync(
        (await api.ListAsync<LinodeGroup>(Path, cancellationToken).ConfigureAwait(false))
            .Where(g => g.Label.StartsWith(ownership.Owner + "-", StringComparison.Ordinal)),
        g => Task.FromResult(g.Members is { Count: > 0 }),
        g => api.DeleteAsync($"{Path}/{g.Id}", cancellationToken)).ConfigureAwait(false);
}
