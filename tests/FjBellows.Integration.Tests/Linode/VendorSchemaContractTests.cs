using FjBellows.Sandbox.Clouds;
using Xunit.Abstractions;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>The contract once more, every request and answer held against the vendor's schema.</summary>
public sealed class VendorSchemaContractTests(VendorSchema schema, ITestOutputHelper output)
    : LinodeContract, IClassFixture<VendorSchema>, IDisposable
{
    private readonly VendorSchemaTally _tally = new();

    [Fact]
    public async Task A_wrong_request_is_noticed()
    {
        await using var scene = await StartAsync();
        var tally = new VendorSchemaTally();
        using var client = new HttpClient(tally.Entrance(schema.Proxy!, scene.Fake.Root));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(scene.Fake.Root, "/v4/linode/instances"));
        request.Headers.Add("Authorization", $"Bearer {LinodeScene.Token}");
        request.Content = new StringContent(
            """{"region": 7, "type": "g6-standard-2", "colour": "red"}""", System.Text.Encoding.UTF8, "application/json");

        await client.SendAsync(request);

        tally.Violations.ShouldNotBeEmpty();
    }

    public void Dispose()
    {
        schema.Checked += _tally.Checked.Count;
        output.WriteLine(
            $"{_tally.Checked.Count} requests held against Linode's schema, {_tally.Violations.Count} violations; {_tally.Beyond.Count} " +
            $"to paths it does not hold. In all so far {schema.Checked}.");
        _tally.Violations.ShouldBeEmpty();
    }

    private protected override Task<LinodeScene> StartAsync(LinodeFakeOptions? options = null, TimeProvider? time = null) =>
        LinodeScene.StartAsync(options, time, fake => _tally.Entrance(schema.Proxy!, fake.Root));
}
