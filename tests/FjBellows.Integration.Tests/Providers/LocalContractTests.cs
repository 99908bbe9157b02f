using FjBellows.Sandbox.Local;
using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Providers;

/// <summary>The contract of providers, for processes on this machine.</summary>
[OwnHardware(SceneParts.None)]
public sealed class LocalContractTests : ProviderContract
{
    protected override Task<ICloudScene> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("fjb-local-").FullName;
        var provider = new LocalProvider(new LocalProviderSettings { Directory = directory, BootTime = TimeSpan.Zero });
        return Task.FromResult<ICloudScene>(new OwnHardwareScene(
            provider,
            async () =>
                [.. (await provider.ListAsync(Ours, default)).Concat(await provider.ListAsync(Ours with { Tag = "shop" }, default))
                    .Select(i => i.Name).Order(StringComparer.Ordinal)],
            () =>
            {
                Directory.Delete(directory, recursive: true);
                return default;
            }));
    }
}
