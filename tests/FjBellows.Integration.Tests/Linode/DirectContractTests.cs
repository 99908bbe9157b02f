using FjBellows.Sandbox.Clouds;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>The contract, straight against the stand-in.</summary>
public sealed class DirectContractTests : LinodeContract
{
    private protected override Task<LinodeScene> StartAsync(LinodeFakeOptions? options = null, TimeProvider? time = null) =>
        LinodeScene.StartAsync(options, time);
}
