using System.Text.Json.Nodes;
using FjBellows.Providers;
using FjBellows.Providers.Linode;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Linode;

/// <summary><c>auto</c>: the firewall follows the host's address, as echo services on loopback tell it.</summary>
public sealed class HostAddressTests : IAsyncLifetime
{
    private readonly Dictionary<string, string> _answers =
        new() { ["/a"] = "203.0.113.7\n", ["/b"] = "203.0.113.7", ["/c"] = "2001:db8:7::1" };
    private readonly WebApplication _echo = Echo();

    public async Task InitializeAsync()
    {
        _echo.Run(context => _answers.TryGetValue(context.Request.Path, out var text)
            ? context.Response.WriteAsync(text)
            : Task.Run(() => context.Response.StatusCode = 503));
        await _echo.StartAsync();
    }

    public async Task DisposeAsync() => await _echo.DisposeAsync();

    [Fact]
    public async Task The_rules_follow_the_address_and_only_when_it_changes()
    {
        await using var scene = await LinodeScene.StartAsync();
        var provider = scene.Provider(Auto);
        provider.Parts.Network!.RefreshInterval.ShouldBe(TimeSpan.FromHours(1));

        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);
        Sources(scene).ShouldBe(["203.0.113.7/32", "2001:db8:7::1/128"]);
        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);
        Version(scene).ShouldBe(1);
        (_answers["/a"], _answers["/b"]) = ("203.0.113.9", "203.0.113.9");
        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);

        Sources(scene).ShouldBe(["203.0.113.9/32", "2001:db8:7::1/128"]);
        Version(scene).ShouldBe(2);
        scene.Fake.Firewalls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task One_service_that_lies_lets_nobody_in()
    {
        await using var scene = await LinodeScene.StartAsync();
        (_answers["/a"], _answers["/b"], _answers["/c"]) = ("198.51.100.66", "203.0.113.7", "203.0.113.7");

        await scene.Provider(Auto).Parts.Network!.EnsureAsync(LinodeScene.Ours, default);

        Sources(scene).ShouldBe(["203.0.113.7/32"]);
    }

    [Fact]
    public async Task Without_an_answer_the_last_good_address_stays()
    {
        await using var scene = await LinodeScene.StartAsync();
        var provider = scene.Provider(Auto);
        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);
        _answers.Clear();

        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);

        Sources(scene).ShouldBe(["203.0.113.7/32", "2001:db8:7::1/128"]);
        Version(scene).ShouldBe(1);
        scene.Log.Lines.ShouldContain(l => l.StartsWith("Warning", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("10.0.0.7")]
    [InlineData("127.0.0.1")]
    [InlineData("<html>203.0.113.7</html>")]
    [InlineData("0.0.0.0")]
    public async Task Never_an_answer_stops_the_start_and_makes_nothing(string answer)
    {
        await using var scene = await LinodeScene.StartAsync();
        (_answers["/a"], _answers["/b"], _answers["/c"]) = (answer, answer, answer);

        var failure = await LinodeScene.FailureAsync(
            CloudErrorKind.Transient, () => scene.Provider(Auto).Parts.Network!.EnsureAsync(LinodeScene.Ours, default));

        failure.Message.ShouldContain("instead of auto");
        scene.Fake.Firewalls.ShouldBeEmpty();
    }

    private static WebApplication Echo()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    private LinodeSettings Auto(LinodeSettings settings) => settings with
    {
        Firewall = new()
        {
            AllowInbound = ["auto"],
            AddressServices = [.. new[] { "/a", "/b", "/c" }.Select(p => new Uri(new Uri(_echo.Urls.First()), p))],
        },
    };

    private static IEnumerable<string> Sources(LinodeScene scene) => Rules(scene)["inbound"]!.AsArray()
        .SelectMany(r => (r!["addresses"]!["ipv4"]?.AsArray() ?? []).Concat(r["addresses"]!["ipv6"]?.AsArray() ?? []))
        .Select(a => a!.GetValue<string>());

    private static int Version(LinodeScene scene) => Rules(scene)["version"]!.GetValue<int>();

    private static JsonNode Rules(LinodeScene scene) => scene.Fake.Firewalls.ShouldHaveSingleItem()["rules"]!;
}
