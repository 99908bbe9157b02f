using FjBellows.Providers.Linode.Api;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode.Network;

/// <summary>The pool's private networks, one for each region that workers are created in. A VPC carries no tags; ours says so in its
/// description. One of the configured name that does not is the operator's: workers join it, and nothing in it is changed.</summary>
internal sealed class ManagedVpc(LinodeApi api, LinodeVpcSettings settings, string homeRegion, ILogger log)
{
    private const string Path = "vpcs";

    private readonly Dictionary<string, long> _ids = [];

    /// <summary>The id of the subnet that workers of a region join, after making what is missing.</summary>
    public async Task<long> EnsureAsync(Ownership ownership, string region, CancellationToken cancellationToken)
    {
        var label = LabelIn(region, ownership);
        LinodeVpc? vpc = null;
        if (_ids.TryGetValue(label, out var id))
        {
            vpc = await api.FindAsync($"{Path}/{id}", LinodeJson.Default.LinodeVpc, cancellationToken).ConfigureAwait(false);
        }

        vpc ??= await FindAsync(label, cancellationToken).ConfigureAwait(false)
            ?? await CreateAsync(label, region, ownership, cancellationToken).ConfigureAwait(false);
        if (!string.Equals(vpc.Region, region, StringComparison.Ordinal))
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"VPC {vpc.Label} ({vpc.Id}) is in region {vpc.Region}, but workers are created in {region}; choose another vpc.name");
        }

        _ids[label] = vpc.Id;
        return await SubnetAsync(vpc, ownership, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes every VPC of ours whose subnets are empty; true when none is left.</summary>
    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken)
    {
        var vpcs = await api.ListAsync(Path, null, null, LinodeJson.Default.LinodePageLinodeVpc, cancellationToken).ConfigureAwait(false);
        var gone = true;
        foreach (var vpc in vpcs.Where(v => IsOurs(v, ownership)))
        {
            if ((vpc.Subnets ?? []).Any(s => s.Linodes is { Count: > 0 }))
            {
                gone = false;
                continue;
            }

            foreach (var subnet in (vpc.Subnets ?? []).Where(s => s.Id > 0))
            {
                await api.DeleteAsync($"{Path}/{vpc.Id}/subnets/{subnet.Id}", cancellationToken).ConfigureAwait(false);
            }

            await api.DeleteAsync($"{Path}/{vpc.Id}", cancellationToken).ConfigureAwait(false);
            _ids.Remove(vpc.Label);
            log.LogInformation("VPC {Label} ({Id}) removed with the last worker", vpc.Label, vpc.Id);
        }

        return gone;
    }

    private string LabelIn(string region, Ownership ownership) => settings.Name.Length switch
    {
        0 => $"{ownership.Owner}-{region}",
        _ when string.Equals(region, homeRegion, StringComparison.Ordinal) => settings.Name,
        _ => $"{settings.Name[..Math.Min(settings.Name.Length, 63 - region.Length)]}-{region}",
    };

    private static string DescriptionOf(Ownership ownership) => $"Workers of fj-bellows {ownership.Tag}, owner {ownership.Owner}";

    private static bool IsOurs(LinodeVpc vpc, Ownership ownership) =>
        string.Equals(vpc.Description, DescriptionOf(ownership), StringComparison.Ordinal);

    private async Task<long> SubnetAsync(LinodeVpc vpc, Ownership ownership, CancellationToken cancellationToken)
    {
        var wanted = settings.WorkerSubnetLabel;
        var subnet = (vpc.Subnets ?? []).FirstOrDefault(s => string.Equals(s.Label, wanted, StringComparison.Ordinal));
        if (subnet is null && !IsOurs(vpc, ownership))
        {
            throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"VPC {vpc.Label} ({vpc.Id}) is not ours and has no subnet {wanted}; add that subnet to it, or choose another vpc.name");
        }

        subnet ??= await api.PostAsync(
            $"{Path}/{vpc.Id}/subnets", new LinodeSubnet(wanted, settings.Subnets[wanted]), LinodeJson.Default.LinodeSubnet,
            LinodeJson.Default.LinodeSubnet, cancellationToken)
            .ConfigureAwait(false);
        return subnet.Id is { } id and > 0
            ? id
            : throw new CloudException(CloudErrorKind.Transient, $"Linode gave subnet {wanted} of VPC {vpc.Label} no id");
    }

    private async Task<LinodeVpc?> FindAsync(string label, CancellationToken cancellationToken)
    {
        var vpcs = await api.ListAsync(
            Path, "label", label, LinodeJson.Default.LinodePageLinodeVpc, cancellationToken).ConfigureAwait(false);
        return vpcs.FirstOrDefault(v => string.Equals(v.Label, label, StringComparison.Ordinal));
    }

    private async Task<LinodeVpc> CreateAsync(string label, string region, Ownership ownership, CancellationToken cancellationToken)
    {
        var subnets = settings.Subnets.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new LinodeSubnet(s.Key, s.Value)).ToList();
        var body = new LinodeVpcCreate(label, region, DescriptionOf(ownership), subnets);
        try
        {
            var made = await api.PostAsync(
                Path, body, LinodeJson.Default.LinodeVpcCreate, LinodeJson.Default.LinodeVpc, cancellationToken).ConfigureAwait(false);
            log.LogInformation("VPC {Label} ({Id}) made", made.Label, made.Id);
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
