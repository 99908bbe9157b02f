using FjBellows.Integration.Tests.Linode;
using FjBellows.Integration.Tests.Providers;
using FjBellows.Testing;
using Xunit.Abstractions;

namespace FjBellows.Integration.Tests.Hetzner;

/// <summary>The contract once more, every request and answer held against the vendor's schema.</summary>
[BehindSchema(SceneParts.FirstBoot | SceneParts.Account | SceneParts.Budget | SceneParts.Time | SceneParts.Rebuild)]
[Needs(Part.Prism, Part.HetznerSpec)]
public sealed class HetznerSchemaContractTests(HetznerSchema schema, ITestOutputHelper output)
    : ProviderContract, IClassFixture<HetznerSchema>, IDisposable
{
    private readonly VendorSchemaTally _tally = new();

    public void Dispose()
    {
        output.WriteLine($"{_tally.Checked.Count} requests held against the schema of Hetzner, {_tally.Violations.Count} violations");
        _tally.Violations.ShouldBeEmpty();
    }

    protected override async Task<ICloudScene> StartAsync() =>
        await HetznerScene.StartAsync(fake => _tally.Entrance(schema.Proxy!, fake.Root));
}

/// <summary>Prism with the document of Hetzner.</summary>
[Needs(Part.Prism, Part.HetznerSpec)]
public sealed class HetznerSchema : VendorSchema
{
    protected override string Document => PartCatalog.HetznerSpec;

    protected override string Mended(string document) => document;
}
