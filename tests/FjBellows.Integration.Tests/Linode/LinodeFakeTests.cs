using FjBellows.Sandbox.Clouds;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>What the stand-in offers to those who put real machines behind it.</summary>
public sealed class LinodeFakeTests
{
    [Fact]
    public async Task Instances_stand_at_the_address_that_their_maker_gives_and_their_end_is_told()
    {
        var (born, gone) = (new List<string>(), new List<string>());
        await using var scene = await LinodeScene.StartAsync(new LinodeFakeOptions
        {
            OnCreate = (instance, _) =>
            {
                born.Add($"{instance.Label} {instance.UserData} {instance.AuthorizedKeys.Count}");
                return Task.FromResult<string?>("127.42.0.9");
            },
            OnDelete = (instance, _) =>
            {
                gone.Add($"{instance.Label} {instance.Address}");
                return Task.CompletedTask;
            },
        });
        var provider = scene.Provider();

        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1", "#cloud-config"), default);
        bought.Addresses[0].ShouldBe("127.42.0.9");
        await provider.DeleteAsync(bought.Id, bought.Name, default);
        await provider.DeleteAsync(bought.Id, bought.Name, default);

        born.ShouldBe(["acme-ci-w1 #cloud-config 1"]);
        gone.ShouldBe(["acme-ci-w1 127.42.0.9"]);
    }

    [Fact]
    public async Task It_listens_on_loopback_only()
    {
        await using var fake = await LinodeFake.StartAsync();

        fake.Root.Host.ShouldBe("127.0.0.1");
        fake.ApiUrl.AbsolutePath.ShouldBe("/v4");
    }
}
