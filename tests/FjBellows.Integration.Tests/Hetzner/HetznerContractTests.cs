using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Hetzner;

/// <summary>The contract, straight against the stand-in.</summary>
[Scene(SceneParts.FirstBoot | SceneParts.Account | SceneParts.Budget | SceneParts.Time | SceneParts.Rebuild)]
public sealed class HetznerContractTests : ProviderContract
{
    protected override async Task<ICloudScene> StartAsync() => await HetznerScene.StartAsync();
}
