using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode;

/// <summary>Whether the settings will work on this account, found out by reading only.</summary>
internal sealed class LinodeCheck(LinodeApi api, LinodeSettings settings)
{
    private readonly AccountFindings _findings = new();

    public async Task<IReadOnlyList<AccountFinding>> RunAsync(CancellationToken cancellationToken)
    {
        if (await TokenAsync(cancellationToken).ConfigureAwait(false))
        {
            await GrantsAsync(cancellationToken).ConfigureAwait(false);
            await ImageAsync(cancellationToken).ConfigureAwait(false);
            foreach (var region in settings.Placements.Select(p => p.Region).Distinct(StringComparer.Ordinal))
            {
                await RegionAsync(region, cancellationToken).ConfigureAwait(false);
            }

            await TypesAsync(cancellationToken).ConfigureAwait(false);
            await NetworkAsync(cancellationToken).ConfigureAwait(false);
        }

        return _findings.All;
    }

    private async Task<bool> TokenAsync(CancellationToken cancellationToken)
    {
        var listed = await AskAsync(
            "token", () => api.ListAsync("linode/instances", null, null, LinodeJson.Default.LinodePageLinodeInstance, cancellationToken))
            .ConfigureAwait(false);
        if (listed is null)
        {
            return false;
        }

        Add(FindingLevel.Ok, "token",
            $"reads Linodes; the account has {listed.Count}. Linode does not publish the limit of an account: compare with what its " +
            $"support granted, since creates above it fail");
        Scope("linodes:read_write", needed: true);
        Scope("firewall:read_write", settings.Firewall is not null);
        Scope("placement:read_write", settings.PlacementGroup is not null);
        Scope("vpc:read_write", settings.Vpc is not null);
        if (settings.Firewall is not null)
        {
            await AskAsync(
                "token",
                () => api.ListAsync(
                    "networking/firewalls", null, null, LinodeJson.Default.LinodePageLinodeFirewall,
                    cancellationToken)).ConfigureAwait(false);
        }

        if (settings.PlacementGroup is not null)
        {
            await AskAsync(
                "token",
                () => api.ListAsync(
                    "placement/groups", null, null, LinodeJson.Default.LinodePageLinodeGroup, cancellationToken)).ConfigureAwait(false);
        }

        if (settings.Vpc is not null)
        {
            await AskAsync(
                "token",
                () => api.ListAsync("vpcs", null, null, LinodeJson.Default.LinodePageLinodeVpc, cancellationToken)).ConfigureAwait(false);
        }

        return true;
    }

    private void Scope(string name, bool needed)
    {
        if (needed && api.Scopes is { } scopes)
        {
            var held = scopes.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
            var has = held.Contains("*", StringComparer.Ordinal) || held.Contains(name, StringComparer.Ordinal);
            Add(has ? FindingLevel.Ok : FindingLevel.Error, "token",
                $"{(has ? "has" : "lacks")} the scope {name}{(has ? "" : "; make a new token that has it")}");
        }
    }

    private async Task GrantsAsync(CancellationToken cancellationToken)
    {
        var profile = await AskAsync(
            "user", () => api.GetAsync("profile", LinodeJson.Default.LinodeProfile, cancellationToken)).ConfigureAwait(false);
        if (profile is null)
        {
            return;
        }

        if (!profile.Restricted)
        {
            Add(FindingLevel.Ok, "user", $"{profile.Username} is not restricted");
            return;
        }

        var grants = await AskAsync(
            "user", () => api.GetAsync("profile/grants", LinodeJson.Default.LinodeGrants, cancellationToken)).ConfigureAwait(false);
        if (grants?.Global is not { } global)
        {
            return;
        }

        Grant(profile, "add_linodes", global.AddLinodes, needed: true);
        Grant(profile, "add_firewalls", global.AddFirewalls, settings.Firewall is not null);
        Grant(profile, "add_placement_groups", global.AddPlacementGroups, settings.PlacementGroup is not null);
        Grant(profile, "add_vpcs", global.AddVpcs, settings.Vpc is not null);
        Add(FindingLevel.Warning, "user",
            $"{profile.Username} is restricted, and Linode lets only unrestricted users tag; check that a create with tags works");
    }

    private void Grant(LinodeProfile profile, string name, bool? granted, bool needed)
    {
        if (needed)
        {
            Add(granted == true ? FindingLevel.Ok : FindingLevel.Error, "user",
                $"{profile.Username} {(granted == true ? "has" : "lacks")} the grant {name}");
        }
    }

    private async Task ImageAsync(CancellationToken cancellationToken)
    {
        var image = await LookAsync(
            "image", settings.Image, $"images/{Uri.EscapeDataString(settings.Image)}", LinodeJson.Default.LinodeImage,
            cancellationToken).ConfigureAwait(false);
        if (image is null)
        {
            return;
        }

        if (!(image.Capabilities?.Contains("cloud-init", StringComparer.Ordinal) ?? false))
        {
            Add(FindingLevel.Error, "image",
                $"{image.Id} has no capability cloud-init, so the first-boot document would be ignored; choose one that has, such as " +
                $"linode/debian12");
        }
        else if (image.Status is not (null or "available"))
        {
            Add(FindingLevel.Error, "image", $"{image.Id} is {image.Status} and cannot be booted yet");
        }
        else
        {
            Add(image.Deprecated == true ? FindingLevel.Warning : FindingLevel.Ok, "image",
                $"{image.Id} takes cloud-init{(image.Deprecated == true ? ", but is deprecated" : "")}");
        }
    }

    private async Task RegionAsync(string name, CancellationToken cancellationToken)
    {
        var region = await LookAsync(
            "region", name, $"regions/{name}", LinodeJson.Default.LinodeRegion, cancellationToken).ConfigureAwait(false);
        if (region is null)
        {
            return;
        }

        Capability(region, "Metadata", needed: true, "the first-boot document would not arrive");
        Capability(
            region, "Cloud Firewall", settings.Firewall is not null || settings.FirewallId is not null, "no firewall can be attached");
        Capability(
            region, "Placement Group", settings.PlacementGroup is not null || settings.PlacementGroupId is not null,
            "no placement group can be used");
        Capability(region, "VPCs", settings.Vpc is not null, "no VPC can be used");
        Add(region.Status == "outage" ? FindingLevel.Warning : FindingLevel.Ok, "region",
            $"{name} is {(region.Status == "outage" ? "in an outage" : "up")}");

        var sold = await AskAsync(
            "region",
            () => api.GetAsync(
                $"regions/{name}/availability", LinodeJson.Default.LinodeAvailabilityArray, cancellationToken)).ConfigureAwait(false);
        foreach (var type in settings.Placements.Where(p => p.Region == name).Select(p => p.Type).Distinct(StringComparer.Ordinal))
        {
            if (sold?.Any(a => a.Plan == type && !a.Available) ?? false)
            {
                Add(FindingLevel.Warning, "type", $"{type} is sold out in {name} at the moment");
            }
        }
    }

    private void Capability(LinodeRegion region, string name, bool needed, string otherwise)
    {
        if (needed && !(region.Capabilities?.Contains(name, StringComparer.Ordinal) ?? false))
        {
            Add(FindingLevel.Error, "region", $"{region.Id} lacks the capability {name}: {otherwise}; choose another region");
        }
    }

    private async Task TypesAsync(CancellationToken cancellationToken)
    {
        var types = await AskAsync(
            "type", () => api.ListAsync(
                "linode/types", null, null, LinodeJson.Default.LinodePageLinodeType, cancellationToken)).ConfigureAwait(false);
        foreach (var placement in types is null ? [] : settings.Placements)
        {
            var hourly = types!.FirstOrDefault(t => t.Id == placement.Type) is { } type ? type.HourlyIn(placement.Region) : null;
            Add(
                types!.Any(t => t.Id == placement.Type) ? FindingLevel.Ok : FindingLevel.Error,
                "type",
                types!.Any(t => t.Id == placement.Type)
                    ? $"{placement.Type} in {placement.Region} costs " +
                        $"{hourly?.ToString("0.#####", CultureInfo.InvariantCulture) ?? "an unknown amount"} per hour"
                    : $"{placement.Type} does not exist; see linode-cli linodes types, or GET /linode/types");
        }
    }

    private async Task NetworkAsync(CancellationToken cancellationToken)
    {
        if (settings.FirewallId is { } firewall
            && await LookAsync(
                "firewall_id", $"{firewall}", $"networking/firewalls/{firewall}", LinodeJson.Default.LinodeFirewall,
                cancellationToken).ConfigureAwait(false) is { } found)
        {
            Add(found.Status == "enabled" ? FindingLevel.Ok : FindingLevel.Warning, "firewall_id",
                $"{firewall} is {found.Label}, {found.Status}");
        }

        if (settings.PlacementGroupId is { } group
            && await LookAsync(
                "placement_group_id", $"{group}", $"placement/groups/{group}", LinodeJson.Default.LinodeGroup,
                cancellationToken).ConfigureAwait(false) is { } member)
        {
            var home = string.Equals(member.Region, settings.Region, StringComparison.Ordinal);
            Add(home ? FindingLevel.Ok : FindingLevel.Error, "placement_group_id",
                $"{group} is {member.Label} in {member.Region}{(home ? "" : $", but workers are created in {settings.Region}")}");
        }
    }

    private Task<T?> LookAsync<T>(string subject, string name, string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class => _findings.LookAsync(subject, name, () => api.FindAsync(path, type, cancellationToken));

    private Task<T?> AskAsync<T>(string subject, Func<Task<T>> ask) => _findings.AskAsync(subject, ask);

    private void Add(FindingLevel level, string subject, string message) => _findings.Add(level, subject, message);
}
