using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Exec;

/// <summary>The contract of all providers, for the example in bash.</summary>
[Needs(Part.Jq, Part.Curl)]
[Scene(SceneParts.FirstBoot | SceneParts.Account | SceneParts.Budget, CloudTrouble.LateFailure)]
public sealed class ExecContractTests : ProviderContract
{
    protected override async Task<ICloudScene> StartAsync() => await ExecScene.StartAsync();
}
