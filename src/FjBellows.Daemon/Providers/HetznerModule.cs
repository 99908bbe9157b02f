using System.Collections.Concurrent;
using FjBellows.Billing;
using FjBellows.Daemon.Configuration;
using FjBellows.Providers.Hetzner;
using FjBellows.Providers.Rest;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>Hetzner Cloud as the configuration knows it.</summary>
internal sealed class HetznerModule : IProviderModule
{
    private static readonly ConfigKey<string> Location = Required("location", "Where workers are created, such as `fsn1`.");
    private static readonly ConfigKey<string> Type = Required("type", "The server type, such as `cx23`.");
    private static readonly ConfigKey<string> Image = Required(
        "image",
        "What workers boot: a name such as `debian-12`, an id, or `label:` and a label selector for the newest snapshot with these " +
        "labels, such as `label:role=ci`. It needs cloud-init.");

    private static readonly ConfigKey<Secret> Token = new(
        "token", "An API token of the project, with read and write permission. Better than writing it here: `${NAME}` or `file:PATH`.",
        ConfigTypes.Secret)
    { IsRequired = true };

    private static readonly SectionListKey Fallbacks = new(
        "fallbacks", "Where else and what else to create, in order, when there is no capacity.", Location, Type);
    private static readonly ConfigKey<int> FirewallId = Id(
        "firewall_id", "An operator's own firewall to put workers behind. It is never changed. Not together with `firewall`.");
    private static readonly ConfigKey<IReadOnlyList<PlacedText>> AllowInbound = new(
        "allow_inbound",
        "Who may reach SSH on workers: networks in CIDR form, `auto` for the host's own addresses, `any`, `any-v4`, `any-v6`.",
        ConfigTypes.TextList)
    { IsRequired = true };

    private static readonly ConfigKey<TimeSpan> RefreshInterval = new(
        "refresh_interval", "How often `auto` is looked up again, 1m at least.", ConfigTypes.Duration)
    { Default = TimeSpan.FromHours(1), DefaultText = "1h" };

    private static readonly ConfigKey<IReadOnlyList<PlacedText>> AddressServices = new(
        "address_services", "URLs that answer with the caller's address as plain text. The address that most of them answer counts.",
        ConfigTypes.TextList)
    { DefaultText = string.Join(", ", HostAddress.DefaultServices) };

    private static readonly SectionKey Firewall = new(
        "firewall",
        "A firewall that is created for the pool, applied to its workers by a label selector, and deleted with the last of them. Not " +
        "together with `firewall_id`.",
        AllowInbound, RefreshInterval, AddressServices);

    private static readonly ConfigKey<int> NetworkId = Id("network_id", "An operator's private network that workers join.");
    private static readonly ConfigKey<int> PlacementGroupId = Id("placement_group_id", "An operator's own placement group.");
    private static readonly ConfigKey<bool> Ipv4 = new(
        "ipv4", "False for workers without a public IPv4 address, which costs extra. The daemon must then reach IPv6 addresses, and the " +
            "worker all it needs.", ConfigTypes.Boolean)
    { Default = true, DefaultText = "true" };

    private static readonly ConfigKey<string> Ip = new(
        "ip", "Which address of a worker is connected to. `private` needs `network_id`, and the daemon in that network.",
        ConfigTypes.Choice("public", "private"))
    { Default = "public", DefaultText = "public" };

    private static readonly ConfigKey<IReadOnlyList<PlacedText>> SshKeys = new(
        "ssh_keys",
        "Names of keys registered in the project. Workers need none, but without one Hetzner mails a root password for each of them.",
        ConfigTypes.TextList);

    private static readonly ConfigKey<Uri> ApiUrl = new(
        "api_url", "The API's base, with its version.", ConfigTypes.Url)
    { DefaultText = HetznerSettings.DefaultApiUrl.AbsoluteUri };
    private static readonly ConfigKey<TimeSpan> RequestTimeout = new(
        "request_timeout", "How long one request may take.",
        ConfigTypes.Duration)
    { Default = TimeSpan.FromSeconds(60), DefaultText = "1m" };

    private readonly ConcurrentDictionary<Secret, HetznerBudget> _budgets = [];

    /// <inheritdoc />
    public string Name => HetznerProvider.ProviderName;

    /// <inheritdoc />
    public string Doc => "Virtual machines at Hetzner Cloud, billed by the hour.";

    /// <inheritdoc />
    public IReadOnlyList<ConfigKey> Keys { get; } =
        [Location, Type, Image, Token, Fallbacks, FirewallId, Firewall, NetworkId, PlacementGroupId, Ipv4, Ip, SshKeys, ApiUrl,
            RequestTimeout];

    /// <inheritdoc />
    public IProviderConfig? Decode(ConfigSection section)
    {
        var before = section.Findings.Errors;
        var settings = new HetznerSettings
        {
            Location = section.Get(Location) ?? "",
            Type = section.Get(Type) ?? "",
            Image = section.Get(Image) ?? "",
            Token = section.Get(Token) ?? new Secret(""),
            Fallbacks = [.. section.Sections(Fallbacks).Select(f => new HetznerPlacement(f.Get(Location) ?? "", f.Get(Type) ?? ""))],
            FirewallId = section.Number(FirewallId),
            Firewall = section.Has(Firewall) ? ReadFirewall(section.Section(Firewall)) : null,
            NetworkId = section.Number(NetworkId),
            PlacementGroupId = section.Number(PlacementGroupId),
            Ipv4 = section.Get(Ipv4),
            UsesPrivateAddress = section.Get(Ip) == "private",
            SshKeys = section.Texts(SshKeys),
            ApiUrl = section.Get(ApiUrl) ?? HetznerSettings.DefaultApiUrl,
            RequestTimeout = section.Get(RequestTimeout),
        };
        foreach (var problem in section.Findings.Errors > before ? [] : settings.Problems())
        {
            section.Tell(Keys, problem);
        }

        return section.Findings.Errors > before
            ? null
            : new HetznerConfig(settings, (token, time) => _budgets.GetOrAdd(token, _ => new HetznerBudget(time)));
    }

    private static HetznerFirewallSettings ReadFirewall(ConfigSection section) => new()
    {
        AllowInbound = section.Texts(AllowInbound),
        RefreshInterval = section.Get(RefreshInterval),
        AddressServices = section.Has(AddressServices) ? section.Urls(AddressServices) : HostAddress.DefaultServices,
    };

    private static ConfigKey<string> Required(string name, string doc) => new(name, doc, ConfigTypes.Text) { IsRequired = true };

    private static ConfigKey<int> Id(string name, string doc) => new(name, doc, ConfigTypes.Integer(1, int.MaxValue));

    /// <summary>Hetzner with its configuration read.</summary>
    private sealed record HetznerConfig(HetznerSettings Settings, Func<Secret, TimeProvider, HetznerBudget> BudgetOf) : IProviderConfig
    {
        public string Name => HetznerProvider.ProviderName;

        public BillingModel Billing => BillingModel.Hourly;

        public bool NeedsSsh => true;

        public IReadOnlyList<Secret> Secrets => [Settings.Token];

        public ProviderParts Create(ProviderContext context) => new(
            new HetznerProvider(
                Settings with { SshPort = context.Config.Ssh.Port }, BudgetOf(Settings.Token, context.Time), context.Time,
                context.Logs.CreateLogger<HetznerProvider>()),
            SshWorkers.Connect(context, HetznerProvider.Carries));
    }
}
