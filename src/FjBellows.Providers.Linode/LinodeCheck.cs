using System.Globalization;
using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode;

/// <summary>Whether the settings will work on this account, found out by reading only.</summary>
internal sealed class LinodeCheck(LinodeApi api, LinodeSettings settings) : IAccountCheck
{
    public async Task<IReadOnlyList<AccountFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var findings = new AccountFindings();
        var listed = await findings.AskAsync(
            "token", () => api.ListAsync<LinodeInstance>("linode/instances", cancellationToken)).ConfigureAwait(false);
        if (listed is null)
        {
            return findings.All;
        }

        findings.Add(
            FindingLevel.Ok, "token",
            $"reads Linodes; the account has {listed.Count}. Linode does not publish the limit of an account: compare with what its " +
            $"support granted, since creates above it fail");
        await TokenAsync(findings, cancellationToken).ConfigureAwait(false);
        await GrantsAsync(findings, cancellationToken).ConfigureAwait(false);
        await ImageAsync(findings, cancellationToken).ConfigureAwait(false);
        foreach (var region in settings.Placements.Select(p => p.Region).Distinct(StringComparer.Ordinal))
        {
            await RegionAsync(findings, region, cancellationToken).ConfigureAwait(false);
        }

        await TypesAsync(findings, cancellationToken).ConfigureAwait(false);
        await NetworkAsync(findings, cancellationToken).ConfigureAwait(false);
        return findings.All;
    }

    private async Task TokenAsync(AccountFindings findings, CancellationToken cancellationToken)
    {
        Scope("linodes:read_write", needed: true);
        Scope("firewall:read_write", settings.Firewall is not null);
        Scope("placement:read_write", settings.PlacementGroup is not null);
        Scope("vpc:read_write", settings.Vpc is not null);
        await ReadsAsync<LinodeFirewall>("networking/firewalls", settings.Firewall is not null).ConfigureAwait(false);
        await ReadsAsync<LinodeGroup>("placement/groups", settings.PlacementGroup is not null).ConfigureAwait(false);
        await ReadsAsync<LinodeVpc>("vpcs", settings.Vpc is not null).ConfigureAwait(false);

        void Scope(string name, bool needed)
        {
            if (needed && api.Scopes?.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) is { } held)
            {
                var has = held.Contains("*", StringComparer.Ordinal) || held.Contains(name, StringComparer.Ordinal);
                findings.Add(
                    has ? FindingLevel.Ok : FindingLevel.Error, "token",
                    $"{(has ? "has" : "lacks")} the scope {name}{(has ? "" : "; make a new token that has it")}");
            }
        }

        Task ReadsAsync<T>(string path, bool needed)
            where T : class => needed ? findings.AskAsync("token", () => api.ListAsync<T>(path, cancellationToken)) : Task.CompletedTask;
    }

    private async Task GrantsAsync(AccountFindings findings, CancellationToken cancellationToken)
    {
        if (await findings.AskAsync(
            "user", () => api.GetAsync<LinodeProfile>("profile", cancellationToken)).ConfigureAwait(false) is not { } profile)
        {
            return;
        }

        if (!profile.Restricted)
        {
            findings.Add(FindingLevel.Ok, "user", $"{profile.Username} is not restricted");
        }
        else if (await findings.AskAsync(
            "user", () => api.GetAsync<LinodeGrants>("profile/grants", cancellationToken)).ConfigureAwait(false) is { Global: { } global })
        {
            Grant("add_linodes", global.AddLinodes, needed: true);
            Grant("add_firewalls", global.AddFirewalls, settings.Firewall is not null);
            Grant("add_placement_groups", global.AddPlacementGroups, settings.PlacementGroup is not null);
            Grant("add_vpcs", global.AddVpcs, settings.Vpc is not null);
            findings.Add(
                FindingLevel.Warning, "user",
                $"{profile.Username} is restricted, and Linode lets only unrestricted users tag; check that a create with tags works");
        }

        void Grant(string name, bool? granted, bool needed)
        {
            if (needed)
            {
                findings.Add(
                    granted == true ? FindingLevel.Ok : FindingLevel.Error, "user",
                    $"{profile.Username} {(granted == true ? "has" : "lacks")} the grant {name}");
            }
        }
    }

    private async Task ImageAsync(AccountFindings findings, CancellationToken cancellationToken)
    {
        var path = $"images/{Uri.EscapeDataString(settings.Image)}";
        if (await findings.LookAsync(
            "image", settings.Image, () => api.FindAsync<LinodeImage>(path, cancellationToken)).ConfigureAwait(false) is not { } image)
        {
            return;
        }

        var (level, verdict) = (image.Capabilities?.Contains("cloud-init", StringComparer.Ordinal), image.Status, image.Deprecated) switch
        {
            (not true, _, _) =>
                (FindingLevel.Error,
                    "has no capability cloud-init, so the first-boot document would be ignored; choose one that has, such as " +
                    "linode/debian12"),
            (_, not (null or "available"), _) => (FindingLevel.Error, $"is {image.Status} and cannot be booted yet"),
            (_, _, true) => (FindingLevel.Warning, "takes cloud-init, but is deprecated"),
            _ => (FindingLevel.Ok, "takes cloud-init"),
        };
        findings.Add(level, "image", $"{image.Id} {verdict}");
    }

    private async Task RegionAsync(AccountFindings findings, string name, CancellationToken cancellationToken)
    {
        if (await findings.LookAsync(
            "region", name,
            () => api.FindAsync<LinodeRegion>($"regions/{name}", cancellationToken)).ConfigureAwait(false) is not { } region)
        {
            return;
        }

        Capability("Metadata", needed: true, "the first-boot document would not arrive");
        Capability("Cloud Firewall", settings.Firewall is not null || settings.FirewallId is not null, "no firewall can be attached");
        Capability(
            "Placement Group", settings.PlacementGroup is not null || settings.PlacementGroupId is not null,
            "no placement group can be used");
        Capability("VPCs", settings.Vpc is not null, "no VPC can be used");
        findings.Add(
            region.Status == "outage" ? FindingLevel.Warning : FindingLevel.Ok, "region",
            $"{name} is {(region.Status == "outage" ? "in an outage" : "up")}");
        var sold = await findings.AskAsync(
            "region", () => api.GetAsync<LinodeAvailability[]>($"regions/{name}/availability", cancellationToken)).ConfigureAwait(false)
                ?? [];
        foreach (var type in settings.Placements.Where(p => p.Region == name && sold.Any(a => a.Plan == p.Type && !a.Available))
            .Select(p => p.Type).Distinct(StringComparer.Ordinal))
        {
            findings.Add(FindingLevel.Warning, "type", $"{type} is sold out in {name} at the moment");
        }

        void Capability(string capability, bool needed, string otherwise)
        {
            if (needed && region.Capabilities?.Contains(capability, StringComparer.Ordinal) != true)
            {
                findings.Add(
                    FindingLevel.Error, "region", $"{region.Id} lacks the capability {capability}: {otherwise}; choose another region");
            }
        }
    }

    private async Task TypesAsync(AccountFindings findings, CancellationToken cancellationToken)
    {
        var types = await findings.AskAsync(
            "type", () => api.ListAsync<LinodeType>("linode/types", cancellationToken)).ConfigureAwait(false);
        foreach (var (region, name) in types is null ? [] : settings.Placements)
        {
            var type = types!.FirstOrDefault(t => t.Id == name);
            findings.Add(
                type is null ? FindingLevel.Error : FindingLevel.Ok,
                "type",
                type is null
                    ? $"{name} does not exist; see linode-cli linodes types, or GET /linode/types"
                    : $"{name} in {region} costs " +
                        $"{type.HourlyIn(region)?.ToString("0.#####", CultureInfo.InvariantCulture) ?? "an unknown amount"} per hour");
        }
    }

    private async Task NetworkAsync(AccountFindings findings, CancellationToken cancellationToken)
    {
        if (settings.FirewallId is { } firewall
            && await findings.LookAsync(
                "firewall_id", $"{firewall}",
                () => api.FindAsync<LinodeFirewall>(
                    $"networking/firewalls/{firewall}", cancellationToken)).ConfigureAwait(false) is { } found)
        {
            findings.Add(
                found.Status == "enabled" ? FindingLevel.Ok : FindingLevel.Warning, "firewall_id",
                $"{firewall} is {found.Label}, {found.Status}");
        }

        if (settings.PlacementGroupId is { } group
            && await findings.LookAsync(
                "placement_group_id", $"{group}",
                () => api.FindAsync<LinodeGroup>($"placement/groups/{group}", cancellationToken)).ConfigureAwait(false) is { } member)
        {
            var home = string.Equals(member.Region, settings.Region, StringComparison.Ordinal);
            findings.Add(
                home ? FindingLevel.Ok : FindingLevel.Error, "placement_group_id",
                $"{group} is {member.Label} in {member.Region}{(home ? "" : $", but workers are created in {settings.Region}")}");
        }
    }
}
