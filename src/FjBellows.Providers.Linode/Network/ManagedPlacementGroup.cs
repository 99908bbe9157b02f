using FjBellows.Providers.Linode.Api;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode.Network;

/// <summary>The pool's placement groups, one for each region that workers are created in. Groups carry no tags, so ours are known by a
/// label that no person would choose: the owner identity, the region and the enforcement (which Linode does not let change).</summary>
internal sealed class ManagedPlacementGroup(LinodeApi api, LinodePlacementGroupSettings settings, ILogger log)
{
    private const string Path = "placement/groups";

    private readonly Dictionary<string, long> _ids = [];

    private string Enforcement => settings.Enforcement == LinodeEnforcement.Strict ? "strict" : "flexible";

    /// <summary>The region's group, after making it if it is gone.</summary>
    public async Task<long> EnsureAsync(Ownership ownership, string region, CancellationToken cancellationToken)
    {
        var label = $"{ownership.Owner}-{region}-{Enforcement}";
        if (_ids.TryGetValue(label, out var id)
            && await api.FindAsync($"{Path}/{id}", LinodeJson.Default.LinodeGroup, cancellationToken).ConfigureAwait(false) is not null)
        {
            return id;
        }

        _ids.Remove(label);
        var group = await FindAsync(label, cancellationToken).ConfigureAwait(false)
            ?? await CreateAsync(label, region, cancellationToken).ConfigureAwait(false);
        return _ids[label] = group.Id;
    }

    /// <summary>Deletes every group of ours that has no member; true when none is left.</summary>
    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var groups = await api.ListAsync(
            Path, null, null, LinodeJson.Default.LinodePageLinodeGroup, cancellationToken).ConfigureAwait(false);
        var gone = true;
        foreach (var group in groups.Where(g => g.Label.StartsWith(ownership.Owner + "-", StringComparison.Ordinal)))
        {
            if (group.Members is { Count: > 0 })
            {
                gone = false;
                continue;
            }

            await api.DeleteAsync($"{Path}/{group.Id}", cancellationToken).ConfigureAwait(false);
            _ids.Remove(group.Label);
            log.LogInformation("Placement group {Label} ({Id}) removed with the last worker", group.Label, group.Id);
        }

        return gone;
    }

    private async Task<LinodeGroup?> FindAsync(string label, CancellationToken cancellationToken)
    {
        var groups = await api.ListAsync(
            Path, null, null, LinodeJson.Default.LinodePageLinodeGroup, cancellationToken).ConfigureAwait(false);
        return groups.FirstOrDefault(g => string.Equals(g.Label, label, StringComparison.Ordinal));
    }

    private async Task<LinodeGroup> CreateAsync(string label, string region, CancellationToken cancellationToken)
    {
        try
        {
            var body = new LinodeGroupCreate(label, region, "anti_affinity:local", Enforcement);
            var made = await api.PostAsync(
                Path, body, LinodeJson.Default.LinodeGroupCreate, LinodeJson.Default.LinodeGroup, cancellationToken).ConfigureAwait(false);
            log.LogInformation("Placement group {Label} ({Id}) made", made.Label, made.Id);
            return made;
        }
        catch (CloudException e) when (e.MayHaveTakenEffect)
        {
            if (await FindAsync(label, cancellationToken).ConfigureAwait(false) is { } there)
            {
                return there;
            }

            throw;
        }
    }
}
