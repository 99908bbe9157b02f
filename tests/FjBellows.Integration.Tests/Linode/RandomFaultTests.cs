using CsCheck;
using FjBellows.Providers;
using FjBellows.Sandbox.Clouds;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>Faults in any order and number: a caller that only repeats what failed ends with what it wanted, bought once.</summary>
public sealed class RandomFaultTests
{
    private enum Fault
    {
        LostAnswer,
        WorkedBehind500,
        WorkedBehind408,
        Refused502,
        Refused429,
        SoldOutForNow,
        ListFails,
        ListedLate,
    }

    private static readonly string[] Names = ["acme-ci-w1", "acme-ci-w2", "acme-ci-w3"];

    [Fact]
    [Trait("Invariant", "W2")]
    [Trait("Invariant", "W7")]
    [Trait("Invariant", "O1")]
    public Task Repeating_ends_with_each_worker_created_once_and_deleted_once() =>
        Gen.Select(Gen.Enum<Fault>().Array[0, 8], Gen.Int[0, 4]).SampleAsync(
            async (faults, lostDeletes) =>
            {
                var clock = new FakeTimeProvider();
                await using var scene = await LinodeScene.StartAsync(time: clock);
                scene.Fake.Account.Seed("acme-ci-theirs", LinodeScene.Theirs.Tag, LinodeScene.Theirs.Owner);
                Order(scene.Fake.Faults, faults);
                var provider = scene.Provider(
                    s => s with { Fallbacks = [new("br-gru", "g6-standard-2")], Firewall = new() { AllowInbound = ["any"] } }, time: clock);

                var bought = new List<Instance>();
                foreach (var name in Names)
                {
                    bought.Add(await RepeatAsync(clock, () => provider.CreateAsync(LinodeScene.Spec(name), default)));
                }

                scene.Labels.ShouldBe(["acme-ci-theirs", .. Names]);
                scene.Fake.Account.Bought.ShouldBe(Names.Length);
                scene.Fake.Firewalls.Count.ShouldBe(1);
                clock.Advance(TimeSpan.FromMinutes(1));
                var listed = await RepeatAsync(clock, () => provider.ListAsync(LinodeScene.Ours, default));
                listed.Where(LinodeScene.Ours.Owns).Select(i => i.Id).ShouldBe(bought.Select(b => b.Id), ignoreOrder: true);

                scene.Fake.Faults.LoseAnswer("DELETE", "linode/instances", lostDeletes);
                foreach (var instance in bought)
                {
                    while (await RepeatAsync(clock, () => provider.GetAsync(instance.Id, default)) is not null)
                    {
                        await RepeatAsync(clock, async () =>
                        {
                            await provider.DeleteAsync(instance.Id, instance.Name, default);
                            return true;
                        });
                        clock.Advance(TimeSpan.FromSeconds(5));
                    }
                }

                scene.Labels.ShouldBe(["acme-ci-theirs"]);
                scene.Fake.Account.Deletions.Count.ShouldBe(Names.Length);
                scene.Fake.Account.Deletions.Values.ShouldAllBe(n => n == 1);
                (await RepeatAsync(clock, () => provider.Parts.Network!.ReleaseAsync(LinodeScene.Ours, default))).ShouldBeTrue();
                scene.Fake.Firewalls.ShouldBeEmpty();
            },
            iter: 60,
            threads: 1);

    private static void Order(LinodeFakeFaults target, Fault[] faults)
    {
        foreach (var fault in faults)
        {
            switch (fault)
            {
                case Fault.LostAnswer:
                    target.LoseAnswer("POST", "");
                    break;
                case Fault.WorkedBehind500:
                    target.ActThenAnswer("POST", "", 500);
                    break;
                case Fault.WorkedBehind408:
                    target.ActThenAnswer("POST", "", 408);
                    break;
                case Fault.Refused502:
                    target.Answer("POST", "", 502, "<html>Bad gateway</html>");
                    break;
                case Fault.Refused429:
                    target.Answer("POST", "", 429, "Too many requests", TimeSpan.FromSeconds(9));
                    break;
                case Fault.SoldOutForNow:
                    target.Answer(
                        "POST", "linode/instances", 400, "The Linode plan you chose is not currently available in the selected region.");
                    break;
                case Fault.ListFails:
                    target.Answer("GET", "linode/instances", 503, "Maintenance");
                    break;
                case Fault.ListedLate:
                    target.HiddenFromLists = TimeSpan.FromSeconds(25);
                    break;
            }
        }
    }

    /// <summary>What the pool does with a failure: waits as told, and asks again for the same.</summary>
    private static async Task<T> RepeatAsync<T>(FakeTimeProvider clock, Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (CloudException e) when (attempt < 20
                && e.Kind is CloudErrorKind.Transient or CloudErrorKind.Conflict or CloudErrorKind.RateLimited
                    or CloudErrorKind.CapacityOut)
            {
                clock.Advance(e.RetryAfter ?? TimeSpan.FromSeconds(10));
            }
        }
    }
}
