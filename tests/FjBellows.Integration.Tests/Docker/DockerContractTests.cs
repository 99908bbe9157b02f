using FjBellows.Integration.Tests.Providers;
using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Docker;

/// <summary>The contract of providers, against a real engine.</summary>
[Collection(DockerCollection.Name)]
public sealed class DockerContractTests(DockerHost host) : ProviderContract
{
    protected override Task<ICloudScene> StartAsync()
    {
        var provider = host.Provider();
        return Task.FromResult<ICloudScene>(new OwnHardwareScene(
            provider,
            async () =>
                [.. (await host.DockerAsync("ps", "-a", "--format", "{{.Names}}")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Order(StringComparer.Ordinal)],
            async () =>
            {
                provider.Dispose();
                if ((await host.DockerAsync("ps", "-aq")).Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } left)
                {
                    await host.DockerAsync(["rm", "-fv", .. left]);
                }
            }));
    }
}
