using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Hetzner;

/// <summary>The pool's firewall. It is applied to a label selector, so that it is around a worker from its first moment. Ours is the one
/// that is named after the owner identity and carries both marks; any other is the operator's and is left alone.</summary>
internal sealed class HetznerFirewallKeeper(HetznerApi api, HetznerFirewallSettings settings, int sshPort, HostAddress host, ILogger log)
    : IManagedNetwork
{
    private const string Path = "firewalls";

    public TimeSpan? RefreshInterval => settings.FollowsHost ? settings.RefreshInterval : null;

    public async Task EnsureAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<System.Net.IPAddress> addresses = settings.FollowsHost
            ? await host.ResolveAsync(cancellationToken).ConfigureAwait(false)
            : [];
        var (v4, v6) = FirewallSource.Resolve(settings.AllowInbound, addresses);
        HetznerRule[] rules = [new("in", "tcp", $"{sshPort}", [.. v4, .. v6])];
        if (await FindAsync(ownership, cancellationToken).ConfigureAwait(false) is not { } existing)
        {
            var body = new HetznerFirewallCreate(ownership.Owner, Marks.ToLabels(ownership), rules, [Workers(ownership)]);
            await api.PostAsync(Path, body, cancellationToken).ConfigureAwait(false);
            log.LogInformation("created firewall {Name}", ownership.Owner);
        }
        else if (!Same(existing.Rules, rules))
        {
            await api.PostAsync(
                $"{Path}/{existing.Id}/actions/set_rules", new HetznerRules(rules), cancellationToken).ConfigureAwait(false);
            log.LogInformation("updated the rules of firewall {Name}", ownership.Owner);
        }
    }

    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        if (await FindAsync(ownership, cancellationToken).ConfigureAwait(false) is not { } existing)
        {
            return true;
        }

        var selector = Uri.EscapeDataString(SelectorOf(ownership));
        if ((await api.ListAsync(
            $"servers?label_selector={selector}", a => a.Servers, s => s.Id, cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            return false;
        }

        try
        {
            if (existing.AppliedTo is { Count: > 0 })
            {
                await api.PostAsync(
                    $"{Path}/{existing.Id}/actions/remove_from_resources", new HetznerApply([Workers(ownership)]),
                    cancellationToken).ConfigureAwait(false);
            }

            await api.DeleteAsync($"{Path}/{existing.Id}", cancellationToken).ConfigureAwait(false);
        }
        catch (CloudException e) when (e.Kind is CloudErrorKind.Conflict or CloudErrorKind.NotFound)
        {
            // Still being detached, or deleted by somebody else: the next call sees which.
            return false;
        }

        log.LogInformation("deleted firewall {Name} with the last worker", ownership.Owner);
        return true;
    }

    private static HetznerTarget Workers(Ownership ownership) => new("label_selector", new HetznerSelector(SelectorOf(ownership)));

    private static string SelectorOf(Ownership ownership) => $"{Marks.OwnerKey}=={ownership.Owner},{Marks.TagKey}=={ownership.Tag}";

    private static bool Same(IReadOnlyList<HetznerRule>? left, IReadOnlyList<HetznerRule> right) =>
        (left ?? []).Select(Meaning).SequenceEqual(right.Select(Meaning), StringComparer.Ordinal);

    private static string Meaning(HetznerRule rule) =>
        $"{rule.Direction} {rule.Protocol} {rule.Port} {string.Join(',', (rule.SourceIps ?? []).Order(StringComparer.Ordinal))}";

    private async Task<HetznerFirewall?> FindAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var found =
            (await api.ListAsync(
                $"{Path}?name={Uri.EscapeDataString(ownership.Owner)}", a => a.Firewalls, f => f.Id,
                cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(f => string.Equals(f.Name, ownership.Owner, StringComparison.Ordinal));
        return found is null || Marks.IsOurs(found.Labels, ownership)
            ? found
            : throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"firewall {found.Name} ({found.Id}) has our name but not our labels, so it is not touched; rename it, or give it both " +
                $"labels back");
    }
}
