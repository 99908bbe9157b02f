using FjBellows.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Sandbox.Clouds;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>Lost answers, crowds and removals around the networks of workers. Each test ends with the exact content of the
/// account.</summary>
public sealed class NetworkFaultTests
{
    [Fact]
    public async Task A_lost_answer_to_a_new_firewall_leaves_one_firewall()
    {
        await using var scene = await LinodeScene.StartAsync();
        scene.Fake.Faults.LoseAnswer("POST", "networking/firewalls");
        scene.Fake.Faults.LoseAnswer("POST", "placement/groups");
        scene.Fake.Faults.LoseAnswer("POST", "vpcs");
        var provider = scene.Provider(s => s with
        {
            Firewall = new() { AllowInbound = ["any"] },
            PlacementGroup = new(),
            Vpc = new() { Name = "ci-net", Subnets = new Dictionary<string, string> { ["workers"] = "10.0.0.0/20" } },
        });

        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        scene.Fake.Firewalls.Count.ShouldBe(1);
        scene.Fake.PlacementGroups.Count.ShouldBe(1);
        scene.Fake.Vpcs.ShouldHaveSingleItem()["label"]!.GetValue<string>().ShouldBe("ci-net");
        scene.Labels.ShouldBe(["acme-ci-w1"]);
    }

    [Fact]
    public async Task Creates_at_once_share_one_network()
    {
        await using var scene = await LinodeScene.StartAsync(new LinodeFakeOptions { MembersPerGroup = 100 });
        var provider = scene.Provider(s => s with { Firewall = new() { AllowInbound = ["any"] }, PlacementGroup = new() });

        await Task.WhenAll(Enumerable.Range(1, 10).Select(i => provider.CreateAsync(LinodeScene.Spec($"acme-ci-w{i}"), default)));

        var firewall = scene.Fake.Firewalls.ShouldHaveSingleItem()["id"]!.GetValue<long>();
        var group = scene.Fake.PlacementGroups.ShouldHaveSingleItem()["id"]!.GetValue<long>();
        scene.Fake.Account.Instances.ShouldAllBe(i => i.FirewallId == firewall && i.GroupId == group);
        scene.Fake.Account.Instances.Count.ShouldBe(10);
    }

    [Fact]
    public async Task A_release_does_not_pull_the_network_from_under_a_create_on_its_way()
    {
        await using var scene = await LinodeScene.StartAsync();
        using var handler = new HeldCreate();
        var settings =
            scene.Settings with { ApiUrl = scene.Fake.ApiUrl, Firewall = new() { AllowInbound = ["any"] }, PlacementGroup = new() };
        using var provider = new LinodeProvider(settings, null, null, null, handler);

        var create = provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        await handler.Arrived.Task.WaitAsync(TimeSpan.FromMinutes(2));
        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeFalse();
        handler.GoOn.SetResult();
        await create;

        var made = scene.Fake.Account.Instances.ShouldHaveSingleItem();
        made.FirewallId.ShouldBe(scene.Fake.Firewalls.ShouldHaveSingleItem()["id"]!.GetValue<long>());
        made.GroupId.ShouldBe(scene.Fake.PlacementGroups.ShouldHaveSingleItem()["id"]!.GetValue<long>());
        scene.Fake.Requests.Count(r => r.StartsWith("DELETE", StringComparison.Ordinal)).ShouldBe(0);
    }

    [Fact]
    public async Task A_network_removed_between_the_look_and_the_create_is_made_again()
    {
        await using var scene = await LinodeScene.StartAsync();
        scene.Fake.Faults.Answer("POST", "linode/instances", 400, "Firewall ID: 0 not found");
        var provider = scene.Provider(s => s with { Firewall = new() { AllowInbound = ["any"] } });

        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        scene.Fake.Account.Instances.ShouldHaveSingleItem().FirewallId.ShouldNotBeNull();
    }

    [Fact]
    public async Task Somebody_elses_private_network_is_used_and_kept()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(time: clock);
        await scene.Fake.ConsoleAsync("POST", "vpcs", new()
        {
            ["label"] = "office",
            ["region"] = "us-ord",
            ["description"] = "ours, hands off",
            ["subnets"] = new System.Text.Json.Nodes.JsonArray(
                new System.Text.Json.Nodes.JsonObject { ["label"] = "workers", ["ipv4"] = "10.9.0.0/24" }),
        });
        var provider =
            scene.Provider(
                s => s with { Vpc = new() { Name = "office", Subnets = new Dictionary<string, string> { ["workers"] = "10.9.0.0/24" } } });
        var before = scene.Fake.Vpcs.ShouldHaveSingleItem().ToJsonString();

        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        scene.Fake.Account.Instances.ShouldHaveSingleItem().SubnetId.ShouldNotBeNull();
        await provider.DeleteAsync(bought.Id, bought.Name, default);
        clock.Advance(TimeSpan.FromSeconds(5));

        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeTrue();
        scene.Fake.Vpcs.ShouldHaveSingleItem().ToJsonString().ShouldBe(before);
        var other =
            scene.Provider(
                s => s with { Vpc = new() { Name = "office", Subnets = new Dictionary<string, string> { ["more"] = "10.8.0.0/24" } } });
        await LinodeScene.FailureAsync(CloudErrorKind.InvalidConfig, () => other.Parts.Network!.EnsureAsync(LinodeScene.Ours, default));
    }

    /// <summary>Holds a create back after the provider has sent it.</summary>
    private sealed class HeldCreate() : DelegatingHandler(new SocketsHttpHandler())
    {
        public TaskCompletionSource Arrived { get; } = new();

        public TaskCompletionSource GoOn { get; } = new();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post
                && request.RequestUri!.AbsolutePath.EndsWith("/linode/instances", StringComparison.Ordinal))
            {
                Arrived.SetResult();
                await GoOn.Task;
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
