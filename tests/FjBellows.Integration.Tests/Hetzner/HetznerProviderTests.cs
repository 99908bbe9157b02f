using FjBellows.Providers;
using FjBellows.Providers.Hetzner;
using FjBellows.Testing;

namespace FjBellows.Integration.Tests.Hetzner;

/// <summary>What is Hetzner's own beside the contract.</summary>
public sealed class HetznerProviderTests
{
    [Fact]
    public async Task A_worker_has_its_first_boot_document_its_price_and_both_addresses()
    {
        await using var scene = await HetznerScene.StartAsync();

        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);

        created.Placement.ShouldBe("fsn1/cx23");
        created.HourlyPrice.ShouldBe(0.0056m + 0.0008m);
        created.Addresses.ShouldBe(["198.18.4.2", "2001:db8:3e9::1"]);
        scene.Fake.Account.Billed.ShouldHaveSingleItem().UserData.ShouldBe("#cloud-config\n");
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task Without_capacity_the_next_place_is_tried_and_skipped_ones_come_last()
    {
        await using var scene = await HetznerScene.StartAsync();
        scene.Settings = scene.Settings with { Fallbacks = [new("nbg1", "cx23"), new("hel1", "cx33")] };
        scene.Fake.Account.Full.Add("fsn1/cx23");

        (await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default)).Placement.ShouldBe("nbg1/cx23");
        (await scene.Provider.CreateAsync(Spec("acme-ci-w2") with { Skip = ["fsn1/cx23", "nbg1/cx23"] }, default)).Placement
            .ShouldBe("hel1/cx33");
        scene.Fake.Account.Full.UnionWith(["nbg1/cx23", "hel1/cx33"]);
        var failure = await Should.ThrowAsync<CloudException>(() => scene.Provider.CreateAsync(Spec("acme-ci-w3"), default));

        failure.Kind.ShouldBe(CloudErrorKind.CapacityOut);
        failure.Message.ShouldContain("fsn1/cx23, nbg1/cx23, hel1/cx33");
        scene.Billed.ShouldBe(["acme-ci-w1", "acme-ci-w2"]);
    }

    [Fact]
    public async Task An_image_is_the_newest_with_a_label_or_the_failure_says_that_there_is_none()
    {
        await using var scene = await HetznerScene.StartAsync();
        scene.Settings = scene.Settings with { Image = "label:role=ci" };
        await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        scene.Fake.Requests.ShouldContain("GET images 200");

        await using var other = await HetznerScene.StartAsync();
        other.Settings = other.Settings with { Image = "label:role=none" };
        var failure = await Should.ThrowAsync<CloudException>(() => other.Provider.CreateAsync(Spec("acme-ci-w1"), default));
        failure.Kind.ShouldBe(CloudErrorKind.InvalidConfig);
        failure.Message.ShouldContain("label:role=none");
    }

    [Fact]
    public async Task A_wrong_image_is_a_wrong_configuration_and_not_an_absent_server()
    {
        await using var scene = await HetznerScene.StartAsync();
        scene.Settings = scene.Settings with { Image = "debian-99" };

        (await Should.ThrowAsync<CloudException>(() => scene.Provider.CreateAsync(Spec("acme-ci-w1"), default))).Kind
            .ShouldBe(CloudErrorKind.InvalidConfig);
    }

    [Fact]
    public async Task The_firewall_follows_a_label_and_goes_with_the_last_worker()
    {
        await using var scene = await HetznerScene.StartAsync();
        scene.Settings = scene.Settings with { Firewall = new() { AllowInbound = ["203.0.113.0/24", "2001:db8::/48"] } };
        var network = scene.Provider.Parts.Network!;

        await network.EnsureAsync(ProviderContract.Ours, default);
        await network.EnsureAsync(ProviderContract.Ours, default);
        var worker = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);

        var firewall = scene.Fake.Firewalls.ShouldHaveSingleItem().ToJsonString();
        firewall.ShouldContain($"fjb-owner=={ProviderContract.Ours.Owner},fjb-tag==acme-ci");
        firewall.ShouldContain("203.0.113.0/24");
        (await network.ReleaseAsync(ProviderContract.Ours, default)).ShouldBeFalse();
        await scene.Provider.DeleteAsync(worker.Id, worker.Name, default);
        await scene.SettleAsync();
        (await network.ReleaseAsync(ProviderContract.Ours, default)).ShouldBeTrue();
        (await network.ReleaseAsync(ProviderContract.Ours, default)).ShouldBeTrue();
        scene.Fake.Firewalls.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_check_names_everything_that_would_stop_a_create()
    {
        await using var scene = await HetznerScene.StartAsync();
        scene.Settings = scene.Settings with
        {
            Image = "debian-99",
            SshKeys = ["nobody"],
            Fallbacks = [new("mars", "cx23"), new("fsn1", "cx99"), new("hel1", "cx23")],
        };

        var findings = await scene.Provider.Parts.Account!.CheckAsync(default);

        var errors = findings.Where(f => f.Level == FindingLevel.Error).Select(f => f.Message).ToList();
        errors.ShouldContain(m => m.StartsWith("debian-99 does not exist", StringComparison.Ordinal));
        errors.ShouldContain(m => m.StartsWith("mars does not exist", StringComparison.Ordinal));
        errors.ShouldContain(m => m.StartsWith("cx99 does not exist", StringComparison.Ordinal));
        errors.ShouldContain(m => m.StartsWith("nobody is not registered", StringComparison.Ordinal));
        findings.ShouldContain(f => f.Level == FindingLevel.Ok && f.Message == "cx23 in fsn1 costs 0.0056 per hour, net");
        findings.ShouldContain(f => f.Level == FindingLevel.Warning && f.Message.Contains("out of capacity in hel1"));
    }

    [Fact]
    public void Settings_with_problems_make_no_provider() => Should.Throw<ArgumentException>(
        () => new HetznerProvider(
            new HetznerSettings { Location = "", Type = "cx23", Image = "debian-12", Token = new Secret("t") })).Message
                .ShouldContain("location is empty");

    private static InstanceSpec Spec(string name) => new(name, ProviderContract.Ours, new Secret("#cloud-config\n"), []);
}
