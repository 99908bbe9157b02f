using System.Collections.Concurrent;
using FjBellows.Billing;
using FjBellows.Daemon.Configuration;
using FjBellows.Providers.DigitalOcean;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>DigitalOcean as the configuration knows it.</summary>
internal sealed class DigitalOceanModule : IProviderModule
{
    private static readonly ConfigKey<string> Region = Text(
        "region", "Where workers are created: a region such as `fra1`, or the beginning of several such as `nyc`. Without it anywhere.");
    private static readonly ConfigKey<string> Size = Required("size", "The size, such as `s-2vcpu-4gb`.");
    private static readonly ConfigKey<string> Image = Required(
        "image", "What workers boot: a slug such as `debian-12-x64`, or the id of a snapshot. It needs cloud-init.");
    private static readonly ConfigKey<Secret> Token = new(
        "token",
        "A token with the scopes `droplet:create`, `droplet:read`, `droplet:delete` and `tag:create`. Better than writing it here: " +
        "`${NAME}` or `file:PATH`.", ConfigTypes.Secret)
    { IsRequired = true };

    private static readonly SectionListKey Fallbacks = new(
        "fallbacks", "Where else and what else to create, in order, when there is no capacity.", Region, Size);
    private static readonly ConfigKey<string> Vpc = Text("vpc_uuid", "An operator's own VPC. Without it the region's default.");
    private static readonly ConfigKey<bool> PublicNetwork = new(
        "public_network", "False for workers without a public address. They need a NAT gateway, and `ip: private`.", ConfigTypes.Boolean)
    { Default = true, DefaultText = "true" };

    private static readonly ConfigKey<string> Ip = new(
        "ip", "Which address of a worker is connected to. `private` needs the daemon in the VPC.", ConfigTypes.Choice("public", "private"))
    { Default = "public", DefaultText = "public" };

    private static readonly ConfigKey<IReadOnlyList<PlacedText>> SshKeys = new(
        "ssh_keys",
        "Ids or fingerprints of registered keys. Workers need none, but without one DigitalOcean mails a root password for each of them.",
        ConfigTypes.TextList);

    private static readonly ConfigKey<Uri> ApiUrl = new(
        "api_url", "The API's base, with its version.", ConfigTypes.Url)
    { DefaultText = DropletSettings.DefaultApiUrl.AbsoluteUri };
    private static readonly ConfigKey<TimeSpan> RequestTimeout = new(
        "request_timeout", "How long one request may take.",
        ConfigTypes.Duration)
    { Default = TimeSpan.FromSeconds(60), DefaultText = "1m" };

    private readonly ConcurrentDictionary<Secret, DropletBudget> _budgets = [];

    /// <inheritdoc />
    public string Name => DropletProvider.ProviderName;

    /// <inheritdoc />
    public string Doc => "Droplets at DigitalOcean, billed by the second.";

    /// <inheritdoc />
    public IReadOnlyList<ConfigKey> Keys { get; } =
        [Region, Size, Image, Token, Fallbacks, Vpc, PublicNetwork, Ip, SshKeys, ApiUrl, RequestTimeout];

    /// <inheritdoc />
    public IProviderConfig? Decode(ConfigSection section)
    {
        var before = section.Findings.Errors;
        var settings = new DropletSettings
        {
            Region = section.Get(Region) ?? "",
            Size = section.Get(Size) ?? "",
            Image = section.Get(Image) ?? "",
            Token = section.Get(Token) ?? new Secret(""),
            Fallbacks = [.. section.Sections(Fallbacks).Select(f => new DropletPlacement(f.Get(Region) ?? "", f.Get(Size) ?? ""))],
            VpcUuid = section.Get(Vpc),
            PublicNetwork = section.Get(PublicNetwork),
            UsesPrivateAddress = section.Get(Ip) == "private",
            SshKeys = section.Texts(SshKeys),
            ApiUrl = section.Get(ApiUrl) ?? DropletSettings.DefaultApiUrl,
            RequestTimeout = section.Get(RequestTimeout),
        };
        foreach (var problem in section.Findings.Errors > before ? [] : settings.Problems())
        {
            section.Tell(Keys, problem);
        }

        return section.Findings.Errors > before
            ? null
            : new DropletConfig(settings, (token, time) => _budgets.GetOrAdd(token, _ => new DropletBudget(time)));
    }

    private static ConfigKey<string> Required(string name, string doc) => new(name, doc, ConfigTypes.Text) { IsRequired = true };

    private static ConfigKey<string> Text(string name, string doc) => new(name, doc, ConfigTypes.Text);

    /// <summary>DigitalOcean with its configuration read.</summary>
    private sealed record DropletConfig(DropletSettings Settings, Func<Secret, TimeProvider, DropletBudget> BudgetOf) : IProviderConfig
    {
        public string Name => DropletProvider.ProviderName;

        public BillingModel Billing => DropletProvider.BillsBy;

        public bool NeedsSsh => true;

        public IReadOnlyList<Secret> Secrets => [Settings.Token];

        public ProviderParts Create(ProviderContext context) => new(
            new DropletProvider(
                Settings, BudgetOf(Settings.Token, context.Time), context.Time, context.Logs.CreateLogger<DropletProvider>()),
            SshWorkers.Connect(context, DropletProvider.Carries));
    }
}
