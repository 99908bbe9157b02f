using System.Globalization;
using System.Net;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Hetzner;

/// <summary>Hetzner's servers as instances: pure.</summary>
internal static class HetznerServers
{
    public static Instance Map(HetznerServer server, HetznerSettings settings, Func<string, string, decimal?> price)
    {
        var (type, location) = (server.ServerType?.Name ?? "", server.Location?.Name ?? "");
        return new Instance(
            new InstanceId(server.Id.ToString(CultureInfo.InvariantCulture)),
            server.Name,
            StatusOf(server.Status),
            server.Created.ToUniversalTime(),
            settings.UsesPrivateAddress ? Private(server, settings.NetworkId) : Public(server.PublicNet),
            Marks.ToTags(server.Labels),
            $"{location}/{type}",
            price(type, location));
    }

    /// <summary>Hetzner's status in the pool's terms; what is not known is alive.</summary>
    public static InstanceStatus StatusOf(string status) => status switch
    {
        "initializing" or "starting" or "rebuilding" => InstanceStatus.Starting,
        "running" or "migrating" => InstanceStatus.Running,
        "stopping" or "off" => InstanceStatus.Stopped,
        "deleting" => InstanceStatus.Deleting,
        _ => InstanceStatus.Unknown,
    };

    private static string[] Private(HetznerServer server, long? network) =>
        [.. (server.PrivateNet ?? []).Where(n => n.Network == network).Select(n => n.Ip).OfType<string>()];

    private static List<string> Public(HetznerPublicNet? net)
    {
        var addresses = new List<string>();
        if (net?.Ipv4?.Ip is { Length: > 0 } v4)
        {
            addresses.Add(v4);
        }

        // Hetzner gives a network of 64 bits; the images configure its first address.
        if (net?.Ipv6?.Ip is { } v6 && IPNetwork.TryParse(v6, out var network))
        {
            var bytes = network.BaseAddress.GetAddressBytes();
            bytes[^1] = 1;
            addresses.Add(new IPAddress(bytes).ToString());
        }

        return addresses;
    }
}
