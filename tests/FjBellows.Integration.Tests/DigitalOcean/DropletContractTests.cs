using FjBellows.Testing;

namespace FjBellows.Integration.Tests.DigitalOcean;

/// <summary>The contract, straight against the stand-in.</summary>
[Scene(SceneParts.FirstBoot | SceneParts.Account | SceneParts.Budget | SceneParts.Time, CloudTrouble.LateFailure)]
public sealed class DropletContractTests : ProviderContract
{
    protected override async Task<ICloudScene> StartAsync() => await DropletScene.StartAsync();
}
