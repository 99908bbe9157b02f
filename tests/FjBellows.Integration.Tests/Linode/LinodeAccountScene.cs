using FjBellows.Integration.Tests.Providers;
using FjBellows.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Sandbox.Clouds;
using FjBellows.Testing;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>An account on the stand-in for Linode, as the contract of all providers wants it.</summary>
internal sealed class LinodeAccountScene(LinodeScene scene, FakeTimeProvider clock, bool behindSchema) : ICloudScene
{
    private const string Instances = "linode/instances";

    private LinodeProvider? _provider;
    private string _token = LinodeScene.Token;

    public ICloudProvider Provider => _provider ??= scene.Provider(s => s with { Token = new Secret(_token) }, time: clock);

    public IReadOnlyList<string> Billed => scene.Labels;

    public int Created => scene.Fake.Account.Bought;

    public IReadOnlyList<string> Leftovers => [];

    public IReadOnlyList<string> Log => scene.Log.Lines;

    public IReadOnlyList<string> Secrets => [LinodeScene.Token];

    public static async Task<LinodeAccountScene> StartAsync(Func<LinodeFake, HttpMessageHandler?>? entrance = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
        return new(await LinodeScene.StartAsync(time: clock, entrance: entrance), clock, entrance is not null);
    }

    public Task SeedAsync(string name, Ownership ownership)
    {
        scene.Fake.Account.Seed(name, ownership.Tag, ownership.Owner);
        return Task.CompletedTask;
    }

    public bool Arrange(CloudTrouble trouble)
    {
        if (behindSchema && BehindSchemaAttribute.Undocumented.Contains(trouble))
        {
            return false;
        }

        var faults = scene.Fake.Faults;
        switch (trouble)
        {
            case CloudTrouble.LostCreateAnswer:
                faults.LoseAnswer("POST", Instances);
                break;
            case CloudTrouble.LostDeleteAnswer:
                faults.LoseAnswer("DELETE", Instances);
                break;
            case CloudTrouble.CreateFails:
                faults.Answer("POST", Instances, 503, "Try again later");
                break;
            case CloudTrouble.CreateWorksBehindFailure:
                faults.ActThenAnswer("POST", Instances, 502);
                break;
            case CloudTrouble.TooManyRequests:
                faults.Answer("POST", Instances, 429, "Too many requests", TimeSpan.FromSeconds(40));
                break;
            case CloudTrouble.QuotaReached:
                faults.Answer("POST", Instances, 400, "Account Limit reached. Please open a support ticket.");
                break;
            case CloudTrouble.NoCapacity:
                faults.SellOut("us-ord", "g6-standard-2");
                break;
            case CloudTrouble.TokenRefused:
                _token = "another-token-0123456789";
                break;
            case CloudTrouble.ProxysNotFound:
                faults.Answer("GET", Instances + "/", 404, "<html><h1>404</h1></html>");
                break;
            case CloudTrouble.ListIsHtml:
                faults.Answer("GET", Instances, 200, "<html>Welcome</html>");
                break;
            case CloudTrouble.LastPageFails:
                for (var i = 0; i < 600; i++)
                {
                    scene.Fake.Account.Seed($"acme-ci-x{i}", ProviderContract.Theirs.Tag, ProviderContract.Theirs.Owner);
                }

                // The first page passes.
                faults.Delay("GET", Instances, TimeSpan.Zero);
                faults.Answer("GET", Instances, 500, "Internal error");
                break;
            case CloudTrouble.EchoesWhatWasSent:
                faults.Answer("POST", Instances, 400, $"Invalid user_data: {ProviderContract.PrivateLine} {LinodeScene.Token}");
                break;
            case CloudTrouble.UnknownStatus:
                foreach (var instance in scene.Fake.Account.Instances)
                {
                    scene.Fake.Account.Hold(instance.Id, "hibernating");
                }

                break;
            default:
                return false;
        }

        return true;
    }

    public Task SettleAsync()
    {
        clock.Advance(TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => scene.DisposeAsync();
}
