using FjBellows.Integration.Tests.Providers;
using FjBellows.Integration.Tests.Sandbox;
using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>The contract of providers, against a real engine.</summary>
[OwnHardware(SceneParts.Account | SceneParts.Leftovers)]
[Collection(DockerCollection.Name)]
public sealed class DockerContractTests(DockerHost host) : ProviderContract
{
    protected override async Task<ICloudScene> StartAsync()
    {
        var forge = await Forge.StartAsync();
        var provider = host.Provider(forgejo: forge.Server.Url);
        return new OwnHardwareScene(
            provider,
            async () =>
                [.. (await host.DockerAsync("ps", "-a", "--format", "{{.Names}}")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Order(StringComparer.Ordinal)],
            async () =>
            {
                provider.Dispose();
                await forge.DisposeAsync();
                if ((await host.DockerAsync("ps", "-aq")).Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } left)
                {
                    await host.DockerAsync(["rm", "-fv", .. left]);
                }
            });
    }
}
