using System.Globalization;
using System.Net;
using FjBellows.Providers.Linode.Api;

namespace FjBellows.Providers.Linode;

/// <summary>Linode's words for an instance in the library's: pure.</summary>
internal static class LinodeInstances
{
    private static readonly IPNetwork PrivateNetwork = IPNetwork.Parse("192.168.128.0/17");

    /// <summary>An instance as the pool knows it.</summary>
    public static Instance Map(LinodeInstance linode, string? vpcAddress, LinodeAddress choice, Func<string, string, decimal?> price) =>
        new(
        new InstanceId(linode.Id.ToString(CultureInfo.InvariantCulture)),
        linode.Label,
        StatusOf(linode.Status),
        CreatedAt(linode),
        choice == LinodeAddress.Vpc ? (vpcAddress is null ? [] : [vpcAddress]) : PublicAddresses(linode),
        linode.Tags ?? [],
        $"{linode.Region}/{linode.Type}",
        price(linode.Type, linode.Region));

    /// <summary>Linode's status in the pool's words; what is not known is alive.</summary>
    public static InstanceStatus StatusOf(string status) => status switch
    {
        "provisioning" or "booting" or "rebooting" or "rebuilding" or "restoring" => InstanceStatus.Starting,
        "running" or "busy" or "migrating" or "cloning" => InstanceStatus.Running,
        "offline" or "stopped" or "shutting_down" or "billing_suspension" => InstanceStatus.Stopped,
        "deleting" => InstanceStatus.Deleting,
        _ => InstanceStatus.Unknown,
    };

    /// <summary>Linode writes UTC without saying so.</summary>
    private static DateTimeOffset CreatedAt(LinodeInstance linode) =>
        DateTimeOffset.TryParse(
            linode.Created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            ? at
            : throw new CloudException(
                CloudErrorKind.Transient, $"Linode {linode.Label} ({linode.Id}) was created at '{linode.Created}', which is no time");

    private static List<string> PublicAddresses(LinodeInstance linode)
    {
        var addresses = (linode.Ipv4 ?? []).Where(a => !(IPAddress.TryParse(a, out var ip) && PrivateNetwork.Contains(ip))).ToList();
        if (linode.Ipv6?.Split('/')[0] is { Length: > 0 } v6)
        {
            addresses.Add(v6);
        }

        return addresses;
    }
}
