using System.Text.Json.Nodes;
using FjBellows.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Sandbox.Clouds;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>Firewalls, placement groups and private networks around the workers.</summary>
public abstract partial class LinodeContract
{
    [Fact]
    public async Task The_firewall_is_made_at_start_attached_and_removed_with_the_last_worker()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await StartAsync(time: clock);
        var provider = scene.Provider(s => s with { Firewall = new() { AllowInbound = ["203.0.113.0/24", "2001:db8::/48"] } });

        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);
        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);
        var firewall = scene.Fake.Firewalls.ShouldHaveSingleItem();
        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        firewall["rules"]!["inbound"]!.AsArray().Count.ShouldBe(2);
        scene.Fake.Account.Instances.ShouldHaveSingleItem().FirewallId.ShouldBe(firewall["id"]!.GetValue<long>());
        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeFalse();
        await provider.DeleteAsync(bought.Id, bought.Name, default);
        clock.Advance(TimeSpan.FromSeconds(5));
        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeTrue();
        scene.Fake.Firewalls.ShouldBeEmpty();
        scene.Labels.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_firewall_that_is_gone_is_made_again_before_the_next_create()
    {
        await using var scene = await StartAsync();
        var provider = scene.Provider(s => s with { Firewall = new() { AllowInbound = ["any"] }, PlacementGroup = new() });
        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);
        var first = scene.Fake.Firewalls.ShouldHaveSingleItem()["id"]!.GetValue<long>();
        (await scene.Fake.ConsoleAsync("DELETE", $"networking/firewalls/{first}")).ShouldBe(200);
        (await scene.Fake.ConsoleAsync("DELETE", $"placement/groups/{scene.Fake.PlacementGroups[0]["id"]}")).ShouldBe(200);

        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        var second = scene.Fake.Firewalls.ShouldHaveSingleItem()["id"]!.GetValue<long>();
        var made = scene.Fake.Account.Instances.ShouldHaveSingleItem();
        second.ShouldNotBe(first);
        made.FirewallId.ShouldBe(second);
        made.GroupId.ShouldBe(scene.Fake.PlacementGroups.ShouldHaveSingleItem()["id"]!.GetValue<long>());
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task Somebody_elses_firewall_is_never_changed_whatever_its_tags()
    {
        await using var scene = await StartAsync();
        await scene.Fake.ConsoleAsync("POST", "networking/firewalls", Firewall("office", LinodeScene.Ours.Tag, LinodeScene.Ours.Owner));
        var office = scene.Fake.Firewalls.ShouldHaveSingleItem().ToJsonString();
        var provider = scene.Provider(s => s with { Firewall = new() { AllowInbound = ["any"] } });

        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);
        scene.Fake.Firewalls.Count.ShouldBe(2);
        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeTrue();

        scene.Fake.Firewalls.ShouldHaveSingleItem().ToJsonString().ShouldBe(office);
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task A_firewall_with_our_label_but_not_our_tags_stops_the_start()
    {
        await using var scene = await StartAsync();
        await scene.Fake.ConsoleAsync("POST", "networking/firewalls", Firewall(LinodeScene.Ours.Owner, LinodeScene.Ours.Tag));
        var before = scene.Fake.Firewalls[0].ToJsonString();

        var failure = await LinodeScene.FailureAsync(
            CloudErrorKind.InvalidConfig,
            () => scene.Provider(s => s with { Firewall = new() { AllowInbound = ["any"] } }).Parts.Network!
                .EnsureAsync(LinodeScene.Ours, default));

        failure.Message.ShouldContain("not touched");
        scene.Fake.Firewalls.ShouldHaveSingleItem().ToJsonString().ShouldBe(before);
    }

    [Fact]
    public async Task A_full_flexible_group_is_left_out_once_with_a_warning()
    {
        await using var scene = await StartAsync(new LinodeFakeOptions { MembersPerGroup = 1 });
        var provider = scene.Provider(s => s with { PlacementGroup = new() });

        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w2"), default);

        scene.Fake.Account.Instances.Select(i => i.GroupId is null).ShouldBe([false, true]);
        scene.Log.Lines.Count(
            l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("placement group", StringComparison.Ordinal)).ShouldBe(1);
        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_full_strict_group_refuses_the_worker()
    {
        await using var scene = await StartAsync(new LinodeFakeOptions { MembersPerGroup = 1 });
        var provider = scene.Provider(s => s with { PlacementGroup = new() { Enforcement = LinodeEnforcement.Strict } });
        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        await LinodeScene.FailureAsync(CloudErrorKind.CapacityOut, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w2"), default));

        scene.Labels.ShouldBe(["acme-ci-w1"]);
        scene.Fake.PlacementGroups.ShouldHaveSingleItem()["placement_group_policy"]!.GetValue<string>().ShouldBe("strict");
    }

    [Fact]
    public async Task A_group_is_made_for_each_region_and_all_go_together()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await StartAsync(time: clock);
        var provider = scene.Provider(s => s with { PlacementGroup = new(), Fallbacks = [new("br-gru", "g6-standard-2")] });
        await scene.Fake.ConsoleAsync("POST", "placement/groups", new JsonObject
        {
            ["label"] = "fjb-of-somebody",
            ["region"] = "us-ord",
            ["placement_group_type"] = "anti_affinity:local",
            ["placement_group_policy"] = "flexible",
        });
        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);
        scene.Fake.Faults.SellOut("us-ord", "g6-standard-2");

        var far = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        scene.Fake.PlacementGroups.Select(g => g["region"]!.GetValue<string>()).ShouldBe(["us-ord", "us-ord", "br-gru"]);
        await provider.DeleteAsync(far.Id, far.Name, default);
        clock.Advance(TimeSpan.FromSeconds(5));

        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeTrue();
        scene.Fake.PlacementGroups.ShouldHaveSingleItem()["label"]!.GetValue<string>().ShouldBe("fjb-of-somebody");
    }

    [Fact]
    public async Task Workers_join_the_private_network_and_can_be_dialled_there()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await StartAsync(time: clock);
        var provider = scene.Provider(s => s with
        {
            Vpc = new()
            {
                Subnets = new Dictionary<string, string> { ["workers"] = "10.0.0.0/20", ["cache"] = "10.1.0.0/24" },
                WorkerSubnet = "workers",
            },
            Address = LinodeAddress.Vpc,
            Firewall = new() { AllowInbound = ["any"] },
        });
        await provider.Parts.Network!.EnsureAsync(LinodeScene.Ours, default);

        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        bought.Addresses.ShouldHaveSingleItem().ShouldStartWith("10.0.");
        (await provider.ListAsync(LinodeScene.Ours, default)).ShouldHaveSingleItem().Addresses.ShouldBe(bought.Addresses);
        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeFalse();
        await provider.DeleteAsync(bought.Id, bought.Name, default);
        clock.Advance(TimeSpan.FromSeconds(5));
        (await provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default)).ShouldBeTrue();
        scene.Fake.Vpcs.ShouldBeEmpty();
        scene.Fake.Firewalls.ShouldBeEmpty();
    }

    private static JsonObject Firewall(string label, params string[] tags) => new()
    {
        ["label"] = label,
        ["tags"] = new JsonArray([.. tags.Select(t => JsonValue.Create(t))]),
        ["rules"] = new JsonObject { ["inbound_policy"] = "DROP", ["outbound_policy"] = "ACCEPT" },
    };
}
