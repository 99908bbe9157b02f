using FjBellows.Integration.Tests.Linode;
using FjBellows.Integration.Tests.Providers;
using FjBellows.Testing;
using Xunit.Abstractions;

namespace FjBellows.Integration.Tests.DigitalOcean;

/// <summary>The contract once more, every request and answer held against the vendor's schema.</summary>
[BehindSchema(SceneParts.FirstBoot | SceneParts.Account | SceneParts.Budget | SceneParts.Time, CloudTrouble.LateFailure)]
[Needs(Part.Prism, Part.DigitalOceanSpec)]
public sealed class DropletSchemaContractTests(DropletSchema schema, ITestOutputHelper output)
    : ProviderContract, IClassFixture<DropletSchema>, IDisposable
{
    private readonly VendorSchemaTally _tally = new();

    public void Dispose()
    {
        output.WriteLine($"{_tally.Checked.Count} requests held against the schema of DigitalOcean, {_tally.Violations.Count} violations");
        _tally.Violations.ShouldBeEmpty();
    }

    protected override async Task<ICloudScene> StartAsync() =>
        await DropletScene.StartAsync(fake => _tally.Entrance(schema.Proxy!, fake.Root));
}

/// <summary>Prism with the document of DigitalOcean.</summary>
[Needs(Part.Prism, Part.DigitalOceanSpec)]
public sealed class DropletSchema : VendorSchema
{
    protected override string Document => PartCatalog.DigitalOceanSpec;

    protected override string Mended(string document) => document;
}
