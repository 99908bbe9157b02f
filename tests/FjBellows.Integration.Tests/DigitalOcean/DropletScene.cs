using FjBellows.Integration.Tests.Providers;
using FjBellows.Providers;
using FjBellows.Providers.DigitalOcean;
using FjBellows.Testing;
using FjBellows.Testing.Clouds;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.DigitalOcean;

/// <summary>One test's account on the stand-in for DigitalOcean.</summary>
internal sealed class DropletScene : ICloudScene
{
    public const string Token = "dop_v1_0123456789abcdef";

    private readonly HttpMessageHandler? _entrance;
    private DropletProvider? _provider;

    private DropletScene(Func<FakeCloud, HttpMessageHandler?> entrance)
    {
        Fake = new DropletFake(Clock, Token);
        Fake.StartAsync().GetAwaiter().GetResult();
        _entrance = entrance(Fake);
        Settings = new DropletSettings
        {
            Region = "nyc",
            Size = "s-1vcpu-1gb",
            Image = "debian-12-x64",
            Token = new Secret(Token),
            SshKeys = ["512189"],
            ApiUrl = Fake.ApiUrl,
        };
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));

    public DropletFake Fake { get; }

    public DropletSettings Settings { get; set; }

    public ICloudProvider Provider => _provider ??= new DropletProvider(Settings, time: Clock, handler: _entrance);

    public IReadOnlyList<string> Billed => [.. Fake.Account.Billed.Select(i => i.Name).Order(StringComparer.Ordinal)];

    public int Created => Fake.Account.Created;

    public IReadOnlyList<string> Leftovers => [];

    public IReadOnlyList<string> Log => [];

    public IReadOnlyList<string> Secrets => [Token];

    public static Task<DropletScene> StartAsync(Func<FakeCloud, HttpMessageHandler?>? entrance = null) =>
        Task.FromResult(new DropletScene(entrance ?? (_ => null)));

    public Task SeedAsync(string name, Ownership ownership)
    {
        Seed(name, "s-1vcpu-1gb", ownership);
        return Task.CompletedTask;
    }

    public void Seed(string name, string size, Ownership ownership) => Fake.Account.Add(
        new FakeInstance(
            0, name, "nyc1", size, Fake.Account.Now,
            new Dictionary<string, string> { ["tag"] = ownership.Tag, ["owner"] = ownership.Owner }), byRequest: false);

    public bool Arrange(CloudTrouble trouble)
    {
        if (_entrance is not null && BehindSchemaAttribute.Undocumented.Contains(trouble))
        {
            return false;
        }

        var create = new FakeFault("POST", r => r.Path == "droplets");
        var list = new FakeFault("GET", r => r.Path == "droplets");
        switch (trouble)
        {
            case CloudTrouble.LostCreateAnswer:
                Fake.Faults.Add(create with { Acts = true });
                break;
            case CloudTrouble.LostDeleteAnswer:
                Fake.Faults.Add(new FakeFault("DELETE", _ => true) { Acts = true });
                break;
            case CloudTrouble.CreateFails:
                Fake.Faults.Add(create with { Reply = DropletFake.Error(500, "server_error", "Unexpected server-side error") });
                break;
            case CloudTrouble.CreateWorksBehindFailure:
                Fake.Faults.Add(
                    create with { Acts = true, Reply = DropletFake.Error(500, "server_error", "Unexpected server-side error") });
                break;
            case CloudTrouble.TooManyRequests:
                Fake.Faults.Add(
                    create with
                    {
                        Reply = DropletFake.Error(
                            429, "too_many_requests", "API Rate limit exceeded.") with
                        { Headers = [("Retry-After", "40")] },
                    });
                break;
            case CloudTrouble.QuotaReached:
                Fake.Account.Quota = 0;
                break;
            case CloudTrouble.NoCapacity:
                Fake.Account.Full.UnionWith(["nyc1/s-1vcpu-1gb", "nyc3/s-1vcpu-1gb"]);
                break;
            case CloudTrouble.TokenRefused:
                Settings = Settings with { Token = new Secret("another-token-0123456789") };
                break;
            case CloudTrouble.ProxysNotFound:
                Fake.Faults.Add(
                    new FakeFault(
                        "GET", r => r.Path.StartsWith("droplets/", StringComparison.Ordinal))
                    { Reply = FakeReply.ProxysNotFound });
                break;
            case CloudTrouble.ListIsHtml:
                Fake.Faults.Add(list with { Reply = new FakeReply(200, "<html>Welcome</html>") });
                break;
            case CloudTrouble.LastPageFails:
                for (var i = 0; i < 250; i++)
                {
                    Seed($"acme-ci-x{i}", "s-1vcpu-1gb", ProviderContract.Theirs);
                }

                Fake.Faults.Add(
                    new FakeFault(
                        "GET", r => r.Path == "droplets"
                            && r.Number("page", 1) == 2)
                    { Reply = DropletFake.Error(500, "server_error", "Unexpected") });
                break;
            case CloudTrouble.EchoesWhatWasSent:
                Fake.Faults.Add(
                    create with
                    {
                        Reply = DropletFake.Error(
                            422, "unprocessable_entity", $"invalid user_data: {ProviderContract.PrivateLine} {Token}"),
                    });
                break;
            case CloudTrouble.UnknownStatus:
                foreach (var instance in Fake.Account.All)
                {
                    Fake.Account.Change(instance.Id, i => i with { HeldStatus = "hibernating" });
                }

                break;
            default:
                return false;
        }

        return true;
    }

    public Task SettleAsync()
    {
        Clock.Advance(TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _provider?.Dispose();
        await Fake.DisposeAsync();
    }
}
