using FjBellows.Integration.Tests.Hetzner;
using FjBellows.Providers;
using FjBellows.Providers.Exec;
using FjBellows.Testing;
using FjBellows.Testing.Clouds;

namespace FjBellows.Integration.Tests.Exec;

/// <summary>The example in bash as a provider, with an account of its own on the stand-in for its cloud.</summary>
internal sealed class ExecScene(HetznerScene cloud, ExecProvider provider) : ICloudScene
{
    private static readonly string Script = Path.Combine(Repository.Root, "samples", "exec-bash", "provider.sh");

    public ICloudProvider Provider => provider;

    public IReadOnlyList<string> Billed => cloud.Billed;

    public int Created => cloud.Created;

    public IReadOnlyList<string> Leftovers => cloud.Leftovers;

    public IReadOnlyList<string> Log => [];

    public IReadOnlyList<string> Secrets => [HetznerScene.Token];

    public static async Task<ExecScene> StartAsync()
    {
        var cloud = await HetznerScene.StartAsync();
        return new(cloud, await ExecProvider.OpenAsync(SettingsFor(cloud.Fake, HetznerScene.Token)));
    }

    public static ExecSettings SettingsFor(HetznerFake fake, string token) => new()
    {
        Command = [Script],
        Directory = Path.GetDirectoryName(Script)!,
        Settings = new()
        {
            ["url"] = fake.ApiUrl.AbsoluteUri,
            ["token"] = token,
            ["type"] = "cx23",
            ["image"] = "debian-12",
            ["location"] = "fsn1",
        },
    };

    public Task SeedAsync(string name, Ownership ownership) => cloud.SeedAsync(name, ownership);

    public bool Arrange(CloudTrouble trouble)
    {
        switch (trouble)
        {
            case CloudTrouble.LateFailure:
                // The example does not watch what becomes of an accepted create.
                return false;
            case CloudTrouble.TokenRefused:
                cloud.Fake.Faults.Add(
                    new FakeFault(
                        "POST", r => r.Path == "servers")
                    { Reply = HetznerFake.Error(401, "unauthorized", "unable to authenticate") });
                return true;
            default:
                return cloud.Arrange(trouble);
        }
    }

    public Task SettleAsync() => cloud.SettleAsync();

    public ValueTask DisposeAsync()
    {
        provider.Dispose();
        return cloud.DisposeAsync();
    }
}
