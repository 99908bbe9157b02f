using FjBellows.Providers;
using FjBellows.Testing;

namespace FjBellows.Integration.Tests.DigitalOcean;

/// <summary>What is DigitalOcean's own beside the contract.</summary>
public sealed class DropletProviderTests
{
    private static InstanceSpec Spec(string name) => new(name, ProviderContract.Ours, new Secret("#cloud-config\n"), []);

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task A_list_holds_droplets_with_gpus_too()
    {
        await using var scene = await DropletScene.StartAsync();
        scene.Seed("acme-ci-gpu", "gpu-h100x1-80gb", ProviderContract.Ours);
        scene.Seed("acme-ci-plain", "s-1vcpu-1gb", ProviderContract.Ours);

        (await scene.Provider.ListAsync(ProviderContract.Ours, default)).Select(i => i.Name)
            .ShouldBe(["acme-ci-gpu", "acme-ci-plain"], ignoreOrder: true);
    }

    [Fact]
    [Trait("Invariant", "W2")]
    [Trait("Invariant", "O1")]
    public async Task A_lost_create_whose_tags_are_on_their_way_is_neither_repeated_nor_taken_for_somebody_elses()
    {
        await using var scene = await DropletScene.StartAsync();
        scene.Fake.TaggingTime = TimeSpan.FromSeconds(30);
        scene.Arrange(CloudTrouble.LostCreateAnswer);

        var lost = await Should.ThrowAsync<CloudException>(() => scene.Provider.CreateAsync(Spec("acme-ci-w1"), default));
        var again =
            await Should.ThrowAsync<CloudException>(() => scene.Provider.CreateAsync(Spec("acme-ci-w1") with { Attempt = 2 }, default));

        (lost.Kind, lost.MayHaveTakenEffect, again.MayHaveTakenEffect).ShouldBe((CloudErrorKind.Transient, true, true));
        await scene.SettleAsync();
        (await scene.Provider.CreateAsync(Spec("acme-ci-w1") with { Attempt = 3 }, default)).Name.ShouldBe("acme-ci-w1");
        scene.Created.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task A_region_may_be_the_beginning_of_several_and_fallbacks_come_after()
    {
        await using var scene = await DropletScene.StartAsync();
        scene.Settings = scene.Settings with { Fallbacks = [new("fra1", "s-2vcpu-4gb")] };
        scene.Fake.Account.Full.Add("nyc1/s-1vcpu-1gb");

        (await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default)).Placement.ShouldBe("nyc3/s-1vcpu-1gb");
        scene.Fake.Account.Full.Add("nyc3/s-1vcpu-1gb");
        var far = await scene.Provider.CreateAsync(Spec("acme-ci-w2"), default);

        (far.Placement, far.HourlyPrice).ShouldBe(("fra1/s-2vcpu-4gb", 0.03571m));
    }

    [Fact]
    [Trait("Invariant", "B4")]
    public void A_cent_is_the_least_that_is_billed_so_a_small_droplet_is_billed_for_67_minutes()
    {
        var billing = FjBellows.Providers.DigitalOcean.DropletProvider.BillsBy;

        (billing.MinimumCharge, billing.MinimumDuration, billing.BilledWhileOff).ShouldBe((0.01m, TimeSpan.FromSeconds(60), true));
        (billing.MinimumCharge!.Value / 0.00893m * 60).ShouldBeInRange(67, 68);
    }
}
