using System.Globalization;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Hetzner;

/// <summary>Whether the settings will work in this project, found out by reading only.</summary>
internal sealed class HetznerCheck(HetznerApi api, HetznerSettings settings) : IAccountCheck
{
    public async Task<IReadOnlyList<AccountFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var findings = new AccountFindings();
        var servers = await findings.AskAsync(
            "token", () => api.ListAsync("servers", a => a.Servers, s => s.Id, cancellationToken)).ConfigureAwait(false);
        if (servers is null)
        {
            return findings.All;
        }

        findings.Add(
            FindingLevel.Ok, "token",
            $"reads servers; the project has {servers.Count}. Whether it may write, and the project's limit, shows only when a server " +
            $"is created: compare with the console");
        var type = await PlacementsAsync(findings, cancellationToken).ConfigureAwait(false);
        await ImageAsync(findings, type, cancellationToken).ConfigureAwait(false);
        await ReferencesAsync(findings, cancellationToken).ConfigureAwait(false);
        return findings.All;
    }

    /// <summary>The newest available image that a label selector selects; null when there is none.</summary>
    public static async Task<HetznerImage?> NewestAsync(HetznerApi api, string image, CancellationToken cancellationToken)
    {
        var selector = Uri.EscapeDataString(image[HetznerSettings.ImageByLabel.Length..]);
        var images = await api.ListAsync(
            $"images?status=available&label_selector={selector}", a => a.Images, i => i.Id, cancellationToken).ConfigureAwait(false);
        return images.MaxBy(i => i.Created);
    }

    /// <summary>The net price of an hour in a location; null where there is none.</summary>
    public static decimal? Hourly(IReadOnlyList<HetznerTypePrice>? prices, string location) =>
        decimal.TryParse(
            prices?.FirstOrDefault(p => p.Location == location)?.PriceHourly?.Net, NumberStyles.Float, CultureInfo.InvariantCulture,
            out var price) ? price : null;

    private async Task<HetznerType?> PlacementsAsync(AccountFindings findings, CancellationToken cancellationToken)
    {
        var types = await findings.AskAsync(
            "type", () => api.ListAsync("server_types", a => a.ServerTypes, t => t.Id, cancellationToken)).ConfigureAwait(false) ?? [];
        var locations = await findings.AskAsync(
            "location", () => api.ListAsync("locations", a => a.Locations, l => l.Id, cancellationToken)).ConfigureAwait(false) ?? [];
        foreach (var (location, name) in settings.Placements)
        {
            if (locations.All(l => l.Name != location))
            {
                findings.Add(
                    FindingLevel.Error, "location",
                    $"{location} does not exist; Hetzner has {string.Join(", ", locations.Select(l => l.Name))}");
                continue;
            }

            if (types.FirstOrDefault(t => t.Name == name) is not { } type)
            {
                findings.Add(FindingLevel.Error, "type", $"{name} does not exist; see hcloud server-type list");
                continue;
            }

            var place = type.Locations?.FirstOrDefault(l => l.Name == location);
            if (Hourly(type.Prices, location) is not { } price)
            {
                findings.Add(FindingLevel.Error, "type", $"{name} is not offered in {location}; choose another location or type");
            }
            else if (place?.Available == false)
            {
                findings.Add(FindingLevel.Warning, "type", $"{name} is out of capacity in {location} at the moment");
            }
            else
            {
                findings.Add(
                    type.Deprecated == true ? FindingLevel.Warning : FindingLevel.Ok,
                    "type",
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{name} in {location} costs {price:0.#####} per hour, " +
                        $"net{(type.Deprecated == true ? ", but is deprecated" : "")}"));
            }
        }

        return types.FirstOrDefault(t => t.Name == settings.Type);
    }

    private async Task ImageAsync(AccountFindings findings, HetznerType? type, CancellationToken cancellationToken)
    {
        var byLabel = settings.Image.StartsWith(HetznerSettings.ImageByLabel, StringComparison.Ordinal);
        var byId = settings.Image.All(char.IsAsciiDigit);
        var image = await findings.LookAsync(
            "image",
            settings.Image,
            async () => byLabel ? await NewestAsync(api, settings.Image, cancellationToken).ConfigureAwait(false)
                : (await api.ListAsync(
                    byId ? "images" : $"images?name={Uri.EscapeDataString(settings.Image)}", a => a.Images, i => i.Id,
                    cancellationToken).ConfigureAwait(false))
                    .FirstOrDefault(
                        i => byId ? i.Id.ToString(CultureInfo.InvariantCulture) == settings.Image : type is null
                            || i.Architecture == type.Architecture)).ConfigureAwait(false);
        if (image is not null)
        {
            var fits = type is null || image.Architecture == type.Architecture;
            findings.Add(
                !fits ? FindingLevel.Error : image.Deprecated is null ? FindingLevel.Ok : FindingLevel.Warning,
                "image",
                $"{image.Name ?? image.Description} ({image.Id}) is for " +
                $"{image.Architecture}{(fits ? "" : $", but {type!.Name} is {type.Architecture}; choose " +
                    $"another image")}{(image.Deprecated is null ? "" : ", and is deprecated")}");
        }
    }

    private async Task ReferencesAsync(AccountFindings findings, CancellationToken cancellationToken)
    {
        await ReferenceAsync("firewall_id", "firewalls", settings.FirewallId, a => a.Firewall?.Name).ConfigureAwait(false);
        await ReferenceAsync("network_id", "networks", settings.NetworkId, a => a.Network?.Name).ConfigureAwait(false);
        await ReferenceAsync(
            "placement_group_id", "placement_groups", settings.PlacementGroupId, a => a.PlacementGroup?.Name).ConfigureAwait(false);
        if (settings.SshKeys.Count == 0)
        {
            findings.Add(
                FindingLevel.Warning, "ssh_keys",
                "names none, so Hetzner mails a root password for each worker; register a key in the project and name it");
            return;
        }

        var keys = await findings.AskAsync(
            "ssh_keys", () => api.ListAsync("ssh_keys", a => a.SshKeys, k => k.Id, cancellationToken)).ConfigureAwait(false);
        foreach (var key in keys is null ? [] : settings.SshKeys)
        {
            var known = keys!.Any(k => k.Name == key);
            findings.Add(
                known ? FindingLevel.Ok : FindingLevel.Error, "ssh_keys",
                $"{key} {(known ? "is registered" : "is not registered in the project; add it, or correct its name")}");
        }

        async Task ReferenceAsync(string key, string path, long? id, Func<HetznerAnswer, string?> name)
        {
            if (id is { } number
                && await findings.LookAsync(
                    key, $"{number}", () => api.FindAsync($"{path}/{number}", cancellationToken)).ConfigureAwait(false) is { } found)
            {
                findings.Add(FindingLevel.Ok, key, $"{number} is {name(found)}");
            }
        }
    }
}
