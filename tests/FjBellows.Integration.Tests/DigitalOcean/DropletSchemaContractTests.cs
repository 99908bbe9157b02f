using FjBellows.Integration.Tests.Linode;
using FjBellows.Testing;
using Xunit.Abstractions;

namespace FjBellows.Integration.Tests.DigitalOcean;

/// <summary>The contract once more, every request and answer held against the vendor's schema. Skipped with a reason where Node, Prism or
/// the document is missing; on CI that fails.</summary>
public sealed class DropletSchemaContractTests(DropletSchema schema, ITestOutputHelper output) : ProviderContract, IClassFixture<DropletSchema>, IDisposable
{
    private readonly VendorSchemaTally _tally = new();

    public void Dispose()
    {
        output.WriteLine($"{_tally.Checked.Count} requests held against DigitalOcean's schema, {_tally.Violations.Count} violations");
        _tally.Violations.ShouldBeEmpty();
    }

    protected override async Task<ICloudScene> StartAsync()
    {
        if (schema.Missing is { } missing)
        {
            Skip.If(Environment.GetEnvironmentVariable("CI") is null, missing);
            throw new InvalidOperationException(missing);
        }

        return await DropletScene.StartAsync(fake => _tally.Entrance(schema.Proxy!, fake.Root));
    }
}

/// <summary>Prism with DigitalOcean's document.</summary>
public sealed class DropletSchema : VendorSchema
{
    protected override string Vendor => "digitalocean";

    protected override string Mended(string document) => document;
}
