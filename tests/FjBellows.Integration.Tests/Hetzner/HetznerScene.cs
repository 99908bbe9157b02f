using FjBellows.Integration.Tests.Providers;
using FjBellows.Providers;
using FjBellows.Providers.Hetzner;
using FjBellows.Providers.Rest;
using FjBellows.Testing;
using FjBellows.Testing.Clouds;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.Hetzner;

/// <summary>One test's project on the stand-in for Hetzner.</summary>
internal sealed class HetznerScene : ICloudScene
{
    public const string Token = "hetzner-token-0123456789abcdef";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
    private readonly HttpMessageHandler? _entrance;
    private HetznerProvider? _provider;

    private HetznerScene(Func<FakeCloud, HttpMessageHandler?> entrance)
    {
        Fake = new HetznerFake(_clock, Token);
        Fake.StartAsync().GetAwaiter().GetResult();
        _entrance = entrance(Fake);
        Settings = new HetznerSettings
        {
            Location = "fsn1",
            Type = "cx23",
            Image = "debian-12",
            Token = new Secret(Token),
            SshKeys = ["ops"],
            ApiUrl = Fake.ApiUrl,
        };
    }

    public HetznerFake Fake { get; }

    public HetznerSettings Settings { get; set; }

    public HetznerProvider Hetzner => _provider ??= new HetznerProvider(Settings, handler: _entrance);

    public ICloudProvider Provider => Hetzner;

    public IReadOnlyList<string> Billed => [.. Fake.Account.Billed.Select(i => i.Name).Order(StringComparer.Ordinal)];

    public int Created => Fake.Account.Created;

    public IReadOnlyList<string> Leftovers => [];

    public IReadOnlyList<string> Log => [];

    public IReadOnlyList<string> Secrets => [Token];

    public static Task<HetznerScene> StartAsync(Func<FakeCloud, HttpMessageHandler?>? entrance = null) =>
        Task.FromResult(new HetznerScene(entrance ?? (_ => null)));

    public Task SeedAsync(string name, Ownership ownership)
    {
        Fake.Account.Add(new FakeInstance(0, name, "fsn1", "cx23", Fake.Account.Now, Marks.ToLabels(ownership)), byRequest: false);
        return Task.CompletedTask;
    }

    public bool Arrange(CloudTrouble trouble)
    {
        if (_entrance is not null && BehindSchemaAttribute.Undocumented.Contains(trouble))
        {
            return false;
        }

        var create = new FakeFault("POST", r => r.Path == "servers");
        var list = new FakeFault("GET", r => r.Path == "servers");
        switch (trouble)
        {
            case CloudTrouble.LostCreateAnswer:
                Fake.Faults.Add(create with { Acts = true });
                break;
            case CloudTrouble.LostDeleteAnswer:
                Fake.Faults.Add(new FakeFault("DELETE", _ => true) { Acts = true });
                break;
            case CloudTrouble.CreateFails:
                Fake.Faults.Add(create with { Reply = HetznerFake.Error(503, "unavailable", "the service is unavailable") });
                break;
            case CloudTrouble.CreateWorksBehindFailure:
                Fake.Faults.Add(create with { Acts = true, Reply = HetznerFake.Error(502, "bad_gateway", "bad gateway") });
                break;
            case CloudTrouble.TooManyRequests:
                Fake.Faults.Add(
                    create with
                    {
                        Reply = HetznerFake.Error(429, "rate_limit_exceeded", "limit of 3600 requests per hour reached") with
                        {
                            Headers = [("Retry-After", "40")],
                        },
                    });
                break;
            case CloudTrouble.QuotaReached:
                Fake.Account.Quota = 0;
                break;
            case CloudTrouble.NoCapacity:
                Fake.Account.Full.Add("fsn1/cx23");
                break;
            case CloudTrouble.LateFailure:
                Fake.NextActionFails = "resource_unavailable";
                break;
            case CloudTrouble.TokenRefused:
                Settings = Settings with { Token = new Secret("another-token-0123456789") };
                break;
            case CloudTrouble.ProxysNotFound:
                Fake.Faults.Add(
                    new FakeFault(
                        "GET", r => r.Path.StartsWith("servers/", StringComparison.Ordinal))
                    { Reply = FakeReply.ProxysNotFound });
                break;
            case CloudTrouble.ListIsHtml:
                Fake.Faults.Add(list with { Reply = new FakeReply(200, "<html>Welcome</html>") });
                break;
            case CloudTrouble.LastPageFails:
                for (var i = 0; i < 60; i++)
                {
                    Fake.Account.Add(
                        new FakeInstance(0, $"acme-ci-x{i}", "fsn1", "cx23", Fake.Account.Now, Marks.ToLabels(ProviderContract.Theirs)),
                        byRequest: false);
                }

                Fake.Faults.Add(
                    new FakeFault(
                        "GET", r => r.Path == "servers"
                            && r.Number("page", 1) == 2)
                    { Reply = HetznerFake.Error(500, "server_error", "try again") });
                break;
            case CloudTrouble.EchoesWhatWasSent:
                Fake.Faults.Add(
                    create with
                    {
                        Reply = HetznerFake.Error(
                            422, "invalid_input",
                            $"invalid input in 'user_data': #cloud-config\nssh_keys:\n  private: |\n    " +
                            $"{ProviderContract.PrivateLine}\n " + $"token {Token}"),
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
        _clock.Advance(TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        _provider?.Dispose();
        await Fake.DisposeAsync();
    }
}
