using System.Collections.Concurrent;
using FjBellows.Daemon.Configuration;
using FjBellows.Dispatch;
using FjBellows.Providers.Linode;
using FjBellows.Providers.Rest;

namespace FjBellows.Daemon.Providers;

/// <summary>Linode as the configuration knows it. The keys are the Go original's; <c>fallbacks</c>, <c>ip</c>, <c>api_url</c>,
/// <c>request_timeout</c> and <c>firewall.address_services</c> are new.</summary>
/// <param name="connector">Makes the way to the workers.</param>
internal sealed class LinodeModule(Func<ProviderContext, IWorkerConnector> connector) : IProviderModule
{
    private static readonly string[] Actions = ["ACCEPT", "DROP"];

    private readonly ConcurrentDictionary<Secret, LinodeBudget> _budgets = [];

    /// <inheritdoc />
    public string Name => "linode";

    /// <inheritdoc />
    public string Doc => "Virtual machines at Linode (Akamai Cloud), billed by the hour.";

    /// <inheritdoc />
    public IReadOnlyList<ConfigKey> Keys { get; } =
    [
        Top.Region, Top.Type, Top.Image, Top.Token, Top.Fallbacks, Top.FirewallId, Firewall.Section, Top.PlacementGroupId,
        PlacementGroup.Section,
        Vpc.Section, Top.Ip, Top.ApiUrl, Top.RequestTimeout,
    ];

    /// <inheritdoc />
    public IProviderConfig? Decode(ConfigSection section)
    {
        var before = section.Findings.Errors;
        var settings = new LinodeSettings
        {
            Region = section.Get(Top.Region) ?? "",
            Type = section.Get(Top.Type) ?? "",
            Image = section.Get(Top.Image) ?? "",
            Token = section.Get(Top.Token) ?? new Secret(""),
            Fallbacks =
                [.. section.Sections(Top.Fallbacks).Select(f => new LinodePlacement(f.Get(Place.Region) ?? "", f.Get(Place.Type) ?? ""))],
            FirewallId = section.Has(Top.FirewallId) ? section.Get(Top.FirewallId) : null,
            Firewall = section.Has(Firewall.Section) ? ReadFirewall(section.Section(Firewall.Section)) : null,
            PlacementGroupId = section.Has(Top.PlacementGroupId) ? section.Get(Top.PlacementGroupId) : null,
            PlacementGroup = section.Has(PlacementGroup.Section) ? ReadGroup(section.Section(PlacementGroup.Section)) : null,
            Vpc = section.Has(Vpc.Section) ? ReadVpc(section.Section(Vpc.Section)) : null,
            Address = section.Get(Top.Ip) == "vpc" ? LinodeAddress.Vpc : LinodeAddress.Public,
            ApiUrl = section.Get(Top.ApiUrl) ?? LinodeSettings.DefaultApiUrl,
            RequestTimeout = section.Get(Top.RequestTimeout),
        };
        if (section.Findings.Errors > before)
        {
            return null;
        }

        foreach (var problem in settings.Problems())
        {
            section.Tell(Keys, problem);
        }

        return section.Findings.Errors > before
            ? null
            : new LinodeConfig(settings, (token, time) => _budgets.GetOrAdd(token, _ => new LinodeBudget(time)), connector);
    }

    private static LinodeFirewallSettings ReadFirewall(ConfigSection section) => new()
    {
        AllowInbound = Texts(section, Firewall.AllowInbound),
        RefreshInterval = section.Get(Firewall.RefreshInterval),
        InboundPolicy = Action(section.Get(Firewall.InboundPolicy)),
        OutboundPolicy = Action(section.Get(Firewall.OutboundPolicy)),
        ExtraInbound = [.. section.Sections(Firewall.ExtraInbound).Select(ReadRule)],
        ExtraOutbound = [.. section.Sections(Firewall.ExtraOutbound).Select(ReadRule)],
        AddressServices = section.Has(Firewall.AddressServices) ? section.Urls(Firewall.AddressServices) : HostAddress.DefaultServices,
    };

    private static LinodeFirewallRule ReadRule(ConfigSection section) => new()
    {
        Label = section.Get(Rule.Label) ?? "",
        Description = section.Get(Rule.Description) ?? "",
        Action = Action(section.Get(Rule.Action)),
        Protocol = section.Get(Rule.Protocol) switch
        {
            "UDP" => LinodeFirewallProtocol.Udp,
            "ICMP" => LinodeFirewallProtocol.Icmp,
            "IPENCAP" => LinodeFirewallProtocol.IpEncap,
            _ => LinodeFirewallProtocol.Tcp,
        },
        Ports = section.Get(Rule.Ports) ?? "",
        Addresses = Texts(section, Rule.Addresses),
    };

    private static LinodePlacementGroupSettings ReadGroup(ConfigSection section) => new()
    {
        Enforcement = section.Get(PlacementGroup.Enforcement) == "strict" ? LinodeEnforcement.Strict : LinodeEnforcement.Flexible,
    };

    private static LinodeVpcSettings ReadVpc(ConfigSection section) => new()
    {
        Name = section.Get(Vpc.Name) ?? "",
        Subnets = ReadSubnets(section),
        WorkerSubnet = section.Get(Vpc.WorkerSubnet) ?? "",
    };

    private static Dictionary<string, string> ReadSubnets(ConfigSection section)
    {
        var subnets = new Dictionary<string, string>(StringComparer.Ordinal);
        if (section.Node(Vpc.Subnets) is not { } node)
        {
            return subnets;
        }

        if (node is not ConfigMap map)
        {
            section.Error(
                Vpc.Subnets, $"{section.FullName(Vpc.Subnets)} expected a mapping, found {node.Kind}",
                "write each subnet's name with its network below it: workers: {ipv4: 10.0.0.0/24}");
            return subnets;
        }

        foreach (var entry in map.Entries)
        {
            var path = $"{section.FullName(Vpc.Subnets)}.{entry.Key}";
            if (entry.Value is ConfigMap subnet)
            {
                subnets[entry.Key] = new ConfigSection(path, subnet, [Vpc.Ipv4], section.Findings, section.Sources).Get(Vpc.Ipv4) ?? "";
            }
            else
            {
                section.Findings.Error(
                    entry.Value.Mark, path, $"{path} expected a mapping, found {entry.Value.Kind}",
                    "write its network as ipv4: 10.0.0.0/24");
            }
        }

        return subnets;
    }

    private static string[] Texts(ConfigSection section, ConfigKey<IReadOnlyList<PlacedText>> key) =>
        [.. (section.Get(key) ?? []).Select(t => t.Text.Trim())];

    private static LinodeFirewallAction Action(string? word) => word == "DROP" ? LinodeFirewallAction.Drop : LinodeFirewallAction.Accept;

    private static ConfigKey<string> Required(string name, string doc) => new(name, doc, ConfigTypes.Text) { IsRequired = true };

    private static ConfigKey<string> Text(string name, string doc) => new(name, doc, ConfigTypes.Text);

    private static ConfigKey<string> Choice(string name, string doc, string value, params string[] words) =>
        new(name, doc, ConfigTypes.Choice(words)) { Default = value, DefaultText = value };

    private static class Place
    {
        public static readonly ConfigKey<string> Region = Required("region", "The region's id.");
        public static readonly ConfigKey<string> Type = Required("type", "The plan's id.");
    }

    private static class Top
    {
        public static readonly ConfigKey<string> Region = Required(
            "region", "The region of the workers, such as `us-ord`. It needs the capability Metadata.");
        public static readonly ConfigKey<string> Type = Required("type", "The plan, such as `g6-standard-4`.");
        public static readonly ConfigKey<string> Image = Required(
            "image", "What workers boot, such as `linode/debian12`. It needs the capability cloud-init.");
        public static readonly ConfigKey<Secret> Token = new(
            "token",
            "A personal access token with the scope `linodes:read_write`, and `firewall:read_write`, `placement:read_write`, " +
            "`vpc:read_write` for what is managed. Better than writing it here: `${NAME}` or `file:PATH`.", ConfigTypes.Secret)
        { IsRequired = true };

        public static readonly SectionListKey Fallbacks = new(
            "fallbacks", "Other regions and types to try, in order, when there is no capacity.", Place.Region, Place.Type);
        public static readonly ConfigKey<int> FirewallId = new(
            "firewall_id", "An operator's own firewall to put workers behind. It is never changed. Not together with `firewall`.",
            ConfigTypes.Integer(1, int.MaxValue));
        public static readonly ConfigKey<int> PlacementGroupId = new(
            "placement_group_id", "An operator's own placement group in the region. Not together with `placement_group`.",
            ConfigTypes.Integer(1, int.MaxValue));
        public static readonly ConfigKey<string> Ip = Choice(
            "ip", "The address to connect to. `vpc` needs the daemon to be inside the VPC, or routed to it.", "public", "public", "vpc");
        public static readonly ConfigKey<Uri> ApiUrl = new(
            "api_url", "The API's base, with its version.", ConfigTypes.Url)
        { DefaultText = LinodeSettings.DefaultApiUrl.AbsoluteUri };
        public static readonly ConfigKey<TimeSpan> RequestTimeout = new(
            "request_timeout", "How long one request may take.",
            ConfigTypes.Duration)
        { Default = TimeSpan.FromSeconds(60), DefaultText = "1m" };
    }

    private static class Rule
    {
        public static readonly ConfigKey<string> Label = Required("label", "Its name, 3 to 32 characters.");
        public static readonly ConfigKey<string> Description = Text("description", "What it is for, 100 characters at most.");
        public static readonly ConfigKey<string> Action = Choice("action", "What to do with matching traffic.", "ACCEPT", Actions);
        public static readonly ConfigKey<string> Protocol = Choice("protocol", "The protocol.", "TCP", "TCP", "UDP", "ICMP", "IPENCAP");
        public static readonly ConfigKey<string> Ports = Text("ports", "Ports and ranges, such as `22, 8000-8100`. Without it every port.");
        public static readonly ConfigKey<IReadOnlyList<PlacedText>> Addresses = new(
            "addresses", "Networks in CIDR form, `auto`, `any`, `any-v4`, `any-v6`.", ConfigTypes.TextList)
        { IsRequired = true };
        public static readonly IReadOnlyList<ConfigKey> Keys = [Label, Description, Action, Protocol, Ports, Addresses];
    }

    private static class Firewall
    {
        public static readonly ConfigKey<IReadOnlyList<PlacedText>> AllowInbound = new(
            "allow_inbound",
            "Who may reach SSH on workers: networks in CIDR form, `auto` for the host's own addresses, `any`, `any-v4`, `any-v6`.",
            ConfigTypes.TextList)
        { IsRequired = true };

        public static readonly ConfigKey<TimeSpan> RefreshInterval = new(
            "refresh_interval", "How often `auto` is looked up again, 1m at least.",
            ConfigTypes.Duration)
        { Default = TimeSpan.FromHours(1), DefaultText = "1h" };
        public static readonly ConfigKey<string> InboundPolicy = Choice(
            "inbound_policy", "What to do with inbound traffic that matches no rule.", "DROP", Actions);
        public static readonly ConfigKey<string> OutboundPolicy = Choice(
            "outbound_policy", "What to do with outbound traffic that matches no rule.", "ACCEPT", Actions);
        public static readonly SectionListKey ExtraInbound = new("extra_inbound", "Rules after those for SSH.", Rule.Keys);
        public static readonly SectionListKey ExtraOutbound = new("extra_outbound", "Rules for what leaves workers.", Rule.Keys);
        public static readonly ConfigKey<IReadOnlyList<PlacedText>> AddressServices = new(
            "address_services", "URLs that answer with the caller's address as plain text; the majority answer is used.",
            ConfigTypes.TextList)
        { DefaultText = string.Join(", ", HostAddress.DefaultServices) };

        public static readonly SectionKey Section = new(
            "firewall",
            "A firewall that is created for the pool, attached to its workers and deleted with the last of them. Not together with " +
            "`firewall_id`.",
            AllowInbound, RefreshInterval, InboundPolicy, OutboundPolicy, ExtraInbound, ExtraOutbound, AddressServices);
    }

    private static class PlacementGroup
    {
        public static readonly ConfigKey<string> Enforcement = Choice(
            "enforcement", "When the group is full: `flexible` creates the worker outside it, `strict` does not create it.", "flexible",
            "flexible", "strict");

        public static readonly SectionKey Section = new(
            "placement_group",
            "Keeps workers on different hosts, in a group made for each region. Not together with `placement_group_id`.", Enforcement);
    }

    private static class Vpc
    {
        public static readonly ConfigKey<string> Name = Text(
            "name", "Its label; derived from the pool when missing. An existing VPC of this name is joined, and neither changed nor " +
                "removed.");
        public static readonly ConfigKey<string> Ipv4 = Required("ipv4", "The subnet's network, such as `10.0.0.0/24`.");
        public static readonly NodeKey Subnets = new(
            "subnets", "Subnets by name, each with its `ipv4` network.", "group of subnets", () => new()
            {
                ["type"] = "object",
                ["additionalProperties"] = ConfigSchema.OfKeys([Ipv4]),
            })
        { IsRequired = true };

        public static readonly ConfigKey<string> WorkerSubnet = Text(
            "worker_subnet", "The subnet that workers join; the first by name when missing.");
        public static readonly SectionKey Section = new(
            "vpc", "A private network that workers get an address in, made for the pool and removed with the last worker.", Name, Subnets,
            WorkerSubnet);
    }
}
