using FjBellows.Providers.Linode.Api;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Providers.Linode.Network;

/// <summary>The pool's private networks, one for each region that workers are created in. A VPC carries no tags; ours says so in its
/// description. One of the configured name that does not is the operator's: workers join it, and nothing in it is changed.</summary>
internal sealed class ManagedVpc(LinodeApi api, LinodeVpcSettings settings, string homeRegion, ILogger log)
{
    private const string Path = "vpcs";

    private readonly Kept<LinodeVpc> _kept = new("VPC", v => v.Id, v => v.Label, log);

    /// <summary>The id of the subnet that workers of a region join, after making what is missing.</summary>
    public async Task<long> EnsureAsync(Ownership ownership, string region, CancellationToken cancellationToken)
    {
        var label = LabelIn(region, ownership);
        var subnets = settings.Subnets.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new LinodeSubnet(s.Key, s.Value)).ToList();
        var body = new LinodeVpcCreate(label, region, DescriptionOf(ownership), subnets);
        var vpc = await _kept.FindAsync(
            label, id => api.FindAsync<LinodeVpc>($"{Path}/{id}", cancellationToken), LookAsync).ConfigureAwait(false)
            ?? await _kept.MakeAsync(
                label, () => api.PostAsync<LinodeVpcCreate, LinodeVpc>(Path, body, cancellationToken), LookAsync).ConfigureAwait(false);
        return string.Equals(vpc.Region, region, StringComparison.Ordinal)
            ? await SubnetAsync(vpc, ownership, cancellationToken).ConfigureAwait(false)
            : throw new CloudException(
                CloudErrorKind.InvalidConfig,
                $"VPC {vpc.Label} ({vpc.Id}) is in region {vpc.Region}, but workers are created in {region}; choose another vpc.name");

        async Task<LinodeVpc?> LookAsync() =>
            (await api.ListAsync<LinodeVpc>(Path, "label", label, cancellationToken).ConfigureAwait(false))
            .FirstOrDefault(v => string.Equals(v.Label, label, StringComparison.Ordinal));
    }

    /// <summary>Deletes every VPC of ours whose subnets are empty; true when none is left.</summary>
    public async Task<bool> ReleaseAsync(Ownership ownership, CancellationToken cancellationToken) => await _kept.ReleaseAsync(
        (await api.ListAsync<LinodeVpc>(Path, cancellationToken).ConfigureAwait(false)).Where(v => IsOurs(v, ownership)),
        vpc => Task.FromResult((vpc.Subnets ?? []).Any(s => s.Linodes is { Count: > 0 })),
        async vpc =>
        {
            foreach (var subnet in (vpc.Subnets ?? []).Where(s => s.Id > 0))
            {
                await api.DeleteAsync($"{Path}/{vpc.Id}/subnets/{subnet.Id}", cancellationToken).ConfigureAwait(false);
            }

            await api.DeleteAsync($"{Path}/{vpc.Id}", cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);

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

        subnet ??= await api.PostAsync<LinodeSubnet, LinodeSubnet>(
            $"{Path}/{vpc.Id}/subnets", new(wanted, settings.Subnets[wanted]), cancellationToken).ConfigureAwait(false);
        return subnet.Id is { } id and > 0
            ? id
            : throw new CloudException(CloudErrorKind.Transient, $"Linode gave subnet {wanted} of VPC {vpc.Label} no id");
    }
}
