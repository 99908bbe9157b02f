using FjBellows.Integration.Tests.Providers;
using FjBellows.Testing;
using Xunit.Abstractions;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>The contract of all providers once more, every request and answer held against the vendor's schema.</summary>
[BehindSchema(
    SceneParts.FirstBoot | SceneParts.Account | SceneParts.Network | SceneParts.Budget | SceneParts.Time, CloudTrouble.LateFailure)]
public sealed class LinodeProviderSchemaTests(VendorSchema schema, ITestOutputHelper output)
    : ProviderContract, IClassFixture<VendorSchema>, IDisposable
{
    private readonly VendorSchemaTally _tally = new();

    public void Dispose()
    {
        output.WriteLine($"{_tally.Checked.Count} requests held against the schema of Linode, {_tally.Violations.Count} violations");
        _tally.Violations.ShouldBeEmpty();
    }

    protected override async Task<ICloudScene> StartAsync() =>
        await LinodeAccountScene.StartAsync(fake => _tally.Entrance(schema.Proxy!, fake.Root));
}
