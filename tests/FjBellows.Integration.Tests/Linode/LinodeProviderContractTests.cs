using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>The contract of all providers, straight against the stand-in.</summary>
[Scene(SceneParts.FirstBoot | SceneParts.Account | SceneParts.Network | SceneParts.Budget | SceneParts.Time, CloudTrouble.LateFailure)]
public sealed class LinodeProviderContractTests : ProviderContract
{
    protected override async Task<ICloudScene> StartAsync() => await LinodeAccountScene.StartAsync();
}
