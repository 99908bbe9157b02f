using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode.Network;

/// <summary>The pool's firewall. Ours is the one labelled with the owner identity that carries both marks; any other, whatever its tags, is
/// the operator's and is left alone.</summary>
internal sealed class ManagedFirewall(LinodeApi api, LinodeFirewallSettings settings, int sshPort, HostAddress host, ILogger log)
{
    private const string Path = "networking/firewalls";

    private readonly Kept<LinodeFirewall> _kept = new("Firewall", f => f.Id, f => f.Label, log);

    /// <summary>Its id, after making it if it is gone, and bringing its rules up to date if asked.</summary>
    public async Task<long> EnsureAsync(Ownership ownership, bool refresh, CancellationToken cancellationToken)
    {
        var existing = await FindAsync(ownership, cancellationToken).ConfigureAwait(false);
        if (existing is not null && !refresh)
        {
            return existing.Id;
        }

        var rules = FirewallRules.Build(
            settings, sshPort, settings.FollowsHost ? await host.ResolveAsync(cancellationToken).ConfigureAwait(false) : []);
        if (existing is null)
        {
            var body = new LinodeFirewallCreate(ownership.Owner, [ownership.Tag, ownership.Owner], rules);
            existing = await _kept.MakeAsync(
                ownership.Owner, () => api.PostAsync<LinodeFirewallCreate, LinodeFirewall>(Path, body, cancellationToken),
                () => LookAsync(ownership, cancellationToken)).ConfigureAwait(false);
        }
        else if (!existing.Rules.Means(rules))
        {
            await api.PutAsync<LinodeRules, LinodeEmpty>($"{Path}/{existing.Id}/rules", rules, cancellationToken).ConfigureAwait(false);
            log.LogInformation("Firewall {Label} ({Id}) has new rules", existing.Label, existing.Id);
        }

        return existing.Id;
    }

    /// <summary>Deletes it unless something is behind it; true when it is gone.</summary>
    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken) => await _kept.ReleaseAsync(
        await FindAsync(ownership, cancellationToken).ConfigureAwait(false) is { } existing ? [existing] : [],
        async f => (await api.ListAsync<LinodeFirewallDevice>($"{Path}/{f.Id}/devices", cancellationToken).ConfigureAwait(false)).Count > 0,
        f => api.DeleteAsync($"{Path}/{f.Id}", cancellationToken)).ConfigureAwait(false);

    private Task<LinodeFirewall?> FindAsync(Ownership ownership, CancellationToken cancellationToken) => _kept.FindAsync(
        ownership.Owner,
        async id => await api.FindAsync<LinodeFirewall>($"{Path}/{id}", cancellationToken).ConfigureAwait(false) is { } known
            && known.Status != "deleted" && IsOurs(known, ownership) ? known : null,
        () => LookAsync(ownership, cancellationToken));

    private async Task<LinodeFirewall?> LookAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var found = (await api.ListAsync<LinodeFirewall>(Path, "label", ownership.Owner, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(f => string.Equals(f.Label, ownership.Owner, StringComparison.Ordinal) && f.Status != "deleted");
        return found is null || IsOurs(found, ownership)
            ? found
            : throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"firewall {found.Label} ({found.Id}) has our label but not the tags {ownership.Tag} and {ownership.Owner}, so it is " +
                $"not touched; rename it, or give it both tags back");
    }

    private static bool IsOurs(LinodeFirewall firewall, Ownership ownership) =>
        string.Equals(firewall.Label, ownership.Owner, StringComparison.Ordinal)
        && firewall.Tags is { } tags && tags.Contains(ownership.Tag, StringComparer.Ordinal)
        && tags.Contains(ownership.Owner, StringComparer.Ordinal);
}
