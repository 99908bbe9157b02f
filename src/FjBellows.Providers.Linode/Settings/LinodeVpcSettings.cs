using System.Net;
using System.Text.RegularExpressions;
using FjBellows.Providers.Rest;

namespace FjBellows.Providers.Linode;

/// <summary>The block <c>vpc</c>: a private network that workers get an address in, beside their public one.</summary>
public sealed partial record LinodeVpcSettings
{
    /// <summary>Key <c>name</c>: its label; empty derives one from the owner identity. An existing VPC of that name that is not ours is
    /// used as it is, never changed and never removed.</summary>
    public string Name { get; init; } = "";

    /// <summary>Key <c>subnets</c>: subnets by label, each an IPv4 network.</summary>
    public IReadOnlyDictionary<string, string> Subnets { get; init; } = new Dictionary<string, string>();

    /// <summary>Key <c>worker_subnet</c>: where workers go; the first by label when empty.</summary>
    public string WorkerSubnet { get; init; } = "";

    internal string WorkerSubnetLabel => WorkerSubnet.Length > 0 ? WorkerSubnet : Subnets.Keys.Order(StringComparer.Ordinal).First();

    internal void Check(SettingChecks checks)
    {
        checks.If(Name.Length > 0 && !Label().IsMatch(Name), "vpc.name", $"'{Name}' must be 1 to 64 letters, digits and hyphens");
        checks.If(Subnets.Count == 0, "vpc.subnets", "is empty; workers need one, such as workers: {ipv4: 10.0.0.0/24}");
        foreach (var (label, network) in Subnets)
        {
            checks.If(!Label().IsMatch(label), $"vpc.subnets.{label}", "must be named with 1 to 64 letters, digits and hyphens");
            checks.If(
                !IPNetwork.TryParse(network, out var parsed)
                    || parsed.BaseAddress.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork,
                $"vpc.subnets.{label}.ipv4",
                $"'{network}' is no IPv4 network, such as 10.0.0.0/24");
        }

        checks.If(
            WorkerSubnet.Length > 0 && !Subnets.ContainsKey(WorkerSubnet), "vpc.worker_subnet",
            $"'{WorkerSubnet}' is not among the subnets");
    }

    [GeneratedRegex("^[A-Za-z0-9-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex Label();
}
