using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode.Network;

/// <summary>The pool's firewall. Ours is the one labelled with the owner identity that carries both marks; any other, whatever its tags, is
/// the operator's and is left alone.</summary>
internal sealed class ManagedFirewall(LinodeApi api, LinodeFirewallSettings settings, int sshPort, HostAddress host, ILogger log)
{
    private const string Path = "networking/firewalls";

    private long? _id;

    /// <summary>Its id, after making it if it is gone, and bringing its rules up to date if asked.</summary>
    public async Task<long> EnsureAsync(Ownership ownership, bool refresh, CancellationToken cancellationToken)
    {
        var existing = await FindAsync(ownership, cancellationToken).ConfigureAwait(false);
        if (existing is not null && !refresh)
        {
            return existing.Id;
        }

        var addresses = settings.FollowsHost ? await host.ResolveAsync(cancellationToken).ConfigureAwait(false) : [];
        var rules = FirewallRules.Build(settings, sshPort, addresses);
        if (existing is null)
        {
            existing = await CreateAsync(ownership, rules, cancellationToken).ConfigureAwait(false);
        }
        else if (!existing.Rules.Means(rules))
        {
            await api.PutAsync(
                $"{Path}/{existing.Id}/rules", rules, LinodeJson.Default.LinodeRules, cancellationToken).ConfigureAwait(false);
            log.LogInformation("Firewall {Label} ({Id}) has new rules", existing.Label, existing.Id);
        }

        return (_id = existing.Id).Value;
    }

    /// <summary>Deletes it unless something is behind it; true when it is gone.</summary>
    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var existing = await FindAsync(ownership, cancellationToken).ConfigureAwait(false);
        if (existing is null)
        {
            return true;
        }

        var devices = await api.ListAsync(
            $"{Path}/{existing.Id}/devices", null, null, LinodeJson.Default.LinodePageLinodeFirewallDevice, cancellationToken)
            .ConfigureAwait(false);
        if (devices.Count > 0)
        {
            return false;
        }

        await api.DeleteAsync($"{Path}/{existing.Id}", cancellationToken).ConfigureAwait(false);
        _id = null;
        log.LogInformation("Firewall {Label} ({Id}) removed with the last worker", existing.Label, existing.Id);
        return true;
    }

    private async Task<LinodeFirewall?> FindAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        if (_id is { } id)
        {
            var known = await api.FindAsync($"{Path}/{id}", LinodeJson.Default.LinodeFirewall, cancellationToken).ConfigureAwait(false);
            if (known is not null && known.Status != "deleted" && IsOurs(known, ownership))
            {
                return known;
            }

            _id = null;
        }

        var listed = await api.ListAsync(
            Path, "label", ownership.Owner, LinodeJson.Default.LinodePageLinodeFirewall, cancellationToken).ConfigureAwait(false);
        var found = listed.FirstOrDefault(f => string.Equals(f.Label, ownership.Owner, StringComparison.Ordinal) && f.Status != "deleted");
        if (found is not null && !IsOurs(found, ownership))
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"firewall {found.Label} ({found.Id}) has our label but not the tags {ownership.Tag} and {ownership.Owner}, so it is " +
                $"not touched; rename it, or give it both tags back");
        }

        _id = found?.Id;
        return found;
    }

    private async Task<LinodeFirewall> CreateAsync(Ownership ownership, LinodeRules rules, CancellationToken cancellationToken)
    {
        var body = new LinodeFirewallCreate(ownership.Owner, [ownership.Tag, ownership.Owner], rules);
        try
        {
            var made = await api.PostAsync(
                Path, body, LinodeJson.Default.LinodeFirewallCreate, LinodeJson.Default.LinodeFirewall,
                cancellationToken).ConfigureAwait(false);
            log.LogInformation("Firewall {Label} ({Id}) made", made.Label, made.Id);
            return made;
        }
        catch (CloudException e) when (e.MayHaveTakenEffect)
        {
            if (await FindAsync(ownership, cancellationToken).ConfigureAwait(false) is { } there)
            {
                return there;
            }

            throw;
        }
    }

    private static bool IsOurs(LinodeFirewall firewall, Ownership ownership) =>
        string.Equals(firewall.Label, ownership.Owner, StringComparison.Ordinal)
        && firewall.Tags is { } tags && tags.Contains(ownership.Tag, StringComparer.Ordinal)
        && tags.Contains(ownership.Owner, StringComparer.Ordinal);
}
