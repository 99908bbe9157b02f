using System.Globalization;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.DigitalOcean;

/// <summary>Whether the settings will work on this account, found out by reading only.</summary>
internal sealed class DropletCheck(DropletApi api, DropletSettings settings) : IAccountCheck
{
    public async Task<IReadOnlyList<AccountFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        var findings = new AccountFindings();
        var droplets = await findings.AskAsync(
            "token", () => api.ListAsync("droplets", a => a.Droplets, d => d.Id, cancellationToken)).ConfigureAwait(false);
        if (droplets is null)
        {
            return findings.All;
        }

        findings.Add(FindingLevel.Ok, "token", "reads droplets; whether it may create and delete them shows only when a worker is created");
        if (await findings.AskAsync(
            "account", () => api.GetAsync("account", cancellationToken)).ConfigureAwait(false) is { Account: { } account })
        {
            var full = account.DropletLimit is { } limit && droplets.Count >= limit;
            findings.Add(
                account.Status is "locked" ? FindingLevel.Error : full
                    || account.Status is "warning" ? FindingLevel.Warning : FindingLevel.Ok,
                "account",
                $"{account.Status}, {droplets.Count} of {account.DropletLimit} " +
                $"droplets{(full ? "; no more can be created before something is deleted or the limit is raised" : "")}");
        }

        await PlacementsAsync(findings, cancellationToken).ConfigureAwait(false);
        if (await findings.LookAsync(
            "image", settings.Image,
            () => api.FindAsync(
                $"images/{Uri.EscapeDataString(settings.Image)}", cancellationToken)).ConfigureAwait(false) is { Image: { } image })
        {
            findings.Add(FindingLevel.Ok, "image", $"{image.Slug ?? image.Name} ({image.Id}) is {image.Status}");
        }

        if (settings.SshKeys.Count == 0)
        {
            findings.Add(
                FindingLevel.Warning, "ssh_keys",
                "names none, so DigitalOcean mails a root password for each worker; register a key and name it by its fingerprint");
        }

        return findings.All;
    }

    private async Task PlacementsAsync(AccountFindings findings, CancellationToken cancellationToken)
    {
        var sizes = await findings.AskAsync(
            "size", () => api.ListAsync("sizes", a => a.Sizes, s => s.Slug, cancellationToken)).ConfigureAwait(false) ?? [];
        var regions = await findings.AskAsync(
            "region", () => api.ListAsync("regions", a => a.Regions, r => r.Slug ?? "", cancellationToken)).ConfigureAwait(false) ?? [];
        foreach (var (region, name) in settings.Placements)
        {
            var meant = regions.Where(r => r.Slug?.StartsWith(region, StringComparison.Ordinal) == true).ToList();
            if (meant.Count == 0)
            {
                findings.Add(
                    FindingLevel.Error, "region",
                    $"no region begins with {region}; DigitalOcean has {string.Join(", ", regions.Select(r => r.Slug))}");
            }
            else if (sizes.FirstOrDefault(s => s.Slug == name) is not { } size)
            {
                findings.Add(FindingLevel.Error, "size", $"{name} does not exist; see doctl compute size list");
            }
            else if (!meant.Any(r => r.Available == true && (r.Sizes ?? []).Contains(name, StringComparer.Ordinal)))
            {
                findings.Add(
                    FindingLevel.Warning, "size",
                    $"{name} is not available in {(region.Length > 0 ? region : "any region")} at the moment");
            }
            else
            {
                findings.Add(
                    FindingLevel.Ok, "size",
                    string.Create(CultureInfo.InvariantCulture, $"{name} costs {size.PriceHourly:0.#####} per hour"));
            }
        }
    }
}
