using System.Text.Json.Nodes;
using FjBellows.Sandbox.Clouds;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>What the stand-in offers to those who put real machines behind it.</summary>
public sealed class LinodeFakeTests
{
    [Fact]
    public async Task Instances_stand_at_the_address_that_their_maker_gives_and_their_end_is_reported()
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
    public async Task A_create_into_a_group_and_a_look_at_the_group_do_not_wait_for_each_other()
    {
        await using var fake = await LinodeFake.StartAsync(new LinodeFakeOptions { MembersPerGroup = 1000 });
        (await fake.ConsoleAsync("POST", "placement/groups", new JsonObject
        {
            ["label"] = "acme",
            ["region"] = "us-ord",
            ["placement_group_type"] = "anti_affinity:local",
            ["placement_group_policy"] = "flexible",
        })).ShouldBe(200);
        var group = fake.PlacementGroups.ShouldHaveSingleItem()["id"]!.GetValue<long>();

        var creates = Task.Run(async () =>
        {
            for (var i = 1; i <= 200; i++)
            {
                (await fake.ConsoleAsync("POST", "linode/instances", Create($"acme-w{i}", group))).ShouldBe(200);
            }
        });
        var looks = Task.Run(async () =>
        {
            while (!creates.IsCompleted)
            {
                (await fake.ConsoleAsync("GET", "placement/groups")).ShouldBe(200);
            }
        });
        await Task.WhenAll(creates, looks).WaitAsync(TimeSpan.FromMinutes(2));

        fake.PlacementGroups[0]["members"]!.AsArray().Count.ShouldBe(200);
    }

    [Fact]
    public async Task It_listens_on_loopback_only()
    {
        await using var fake = await LinodeFake.StartAsync();

        fake.Root.Host.ShouldBe("127.0.0.1");
        fake.ApiUrl.AbsolutePath.ShouldBe("/v4");
    }

    private static JsonObject Create(string label, long group) => new()
    {
        ["label"] = label,
        ["region"] = "us-ord",
        ["type"] = "g6-standard-2",
        ["image"] = "linode/debian12",
        ["root_pass"] = "a-long-Passw0rd",
        ["placement_group"] = new JsonObject { ["id"] = group },
    };
}
