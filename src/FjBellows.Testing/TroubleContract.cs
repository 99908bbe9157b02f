using FjBellows.Providers;
using Shouldly;
using Xunit;

namespace FjBellows.Testing;

/// <summary>What every provider owes the pool when something goes wrong with its cloud.</summary>
public abstract class TroubleContract : SceneFacts
{
    /// <summary>Invariant W2.</summary>
    /// <param name="trouble">How the answer is lost.</param>
    [ContractFact]
    [Under(CloudTrouble.LostCreateAnswer)]
    [Under(CloudTrouble.CreateWorksBehindFailure)]
    [Trait("Invariant", "W2")]
    public async Task A_create_whose_answer_was_lost_is_found_and_not_repeated(CloudTrouble trouble)
    {
        await using var scene = await StartAsync();
        Arrange(scene, trouble);
        Instance? adopted = null;
        try
        {
            adopted = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        }
        catch (CloudException e)
        {
            e.MayHaveTakenEffect.ShouldBeTrue(e.Message);
        }

        await scene.SettleAsync();
        adopted ??= await scene.Provider.CreateAsync(Spec("acme-ci-w1") with { Attempt = 2 }, default);
        adopted.Name.ShouldBe("acme-ci-w1");
        scene.Created.ShouldBe(1);
        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>Invariant W2.</summary>
    [ContractFact]
    [Under(CloudTrouble.CreateFails)]
    [Trait("Invariant", "W2")]
    public async Task A_create_that_failed_created_nothing_and_can_be_repeated()
    {
        await using var scene = await StartAsync();
        Arrange(scene, CloudTrouble.CreateFails);

        await FailureAsync(scene, CloudErrorKind.Transient, () => scene.Provider.CreateAsync(Spec("acme-ci-w1"), default));

        scene.Billed.ShouldBeEmpty();
        await scene.Provider.CreateAsync(Spec("acme-ci-w1") with { Attempt = 2 }, default);
        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>Invariant R2.</summary>
    /// <param name="trouble">Why it is refused.</param>
    /// <param name="kind">The kind that the pool gets.</param>
    [ContractFact]
    [Under(CloudTrouble.TooManyRequests, CloudErrorKind.RateLimited)]
    [Under(CloudTrouble.QuotaReached, CloudErrorKind.QuotaExceeded)]
    [Under(CloudTrouble.NoCapacity, CloudErrorKind.CapacityOut)]
    [Under(CloudTrouble.LateFailure, CloudErrorKind.CapacityOut)]
    [Under(CloudTrouble.TokenRefused, CloudErrorKind.Auth)]
    [Trait("Invariant", "R2")]
    public async Task A_refused_create_says_why_and_leaves_nothing(CloudTrouble trouble, CloudErrorKind kind)
    {
        await using var scene = await StartAsync();
        Arrange(scene, trouble);

        var failure = await FailureAsync(scene, kind, () => scene.Provider.CreateAsync(Spec("acme-ci-w1"), default));

        failure.MayHaveTakenEffect.ShouldBeFalse(failure.Message);
        if (trouble == CloudTrouble.TooManyRequests)
        {
            failure.RetryAfter.ShouldBe(TimeSpan.FromSeconds(40));
        }

        await scene.SettleAsync();
        scene.Billed.ShouldBeEmpty();
        scene.Leftovers.ShouldBeEmpty();
    }

    /// <summary>Invariant W7.</summary>
    [ContractFact]
    [Under(CloudTrouble.LostDeleteAnswer)]
    [Trait("Invariant", "W7")]
    public async Task A_delete_whose_answer_was_lost_can_be_repeated()
    {
        await using var scene = await StartAsync();
        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        Arrange(scene, CloudTrouble.LostDeleteAnswer);

        await FailureAsync(scene, CloudErrorKind.Transient, () => scene.Provider.DeleteAsync(created.Id, created.Name, default));
        await scene.Provider.DeleteAsync(created.Id, created.Name, default);
        await scene.SettleAsync();

        (await scene.Provider.GetAsync(created.Id, default)).ShouldBeNull();
        scene.Billed.ShouldBeEmpty();
    }

    /// <summary>Invariant W7.</summary>
    [ContractFact]
    [Under(CloudTrouble.ProxysNotFound)]
    [Trait("Invariant", "W7")]
    public async Task A_proxys_page_proves_no_absence()
    {
        await using var scene = await StartAsync();
        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        Arrange(scene, CloudTrouble.ProxysNotFound);
        await FailureAsync(scene, CloudErrorKind.Transient, () => scene.Provider.GetAsync(created.Id, default));

        Arrange(scene, CloudTrouble.ProxysNotFound);
        await FailureAsync(scene, CloudErrorKind.Transient, () => scene.Provider.DeleteAsync(created.Id, created.Name, default));

        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>Invariant W11.</summary>
    /// <param name="trouble">What is wrong with the list.</param>
    [ContractFact]
    [Under(CloudTrouble.ListIsHtml)]
    [Under(CloudTrouble.LastPageFails)]
    [Trait("Invariant", "W11")]
    public async Task A_list_that_is_not_whole_is_a_failure(CloudTrouble trouble)
    {
        await using var scene = await StartAsync();
        await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        Arrange(scene, trouble);

        await FailureAsync(scene, CloudErrorKind.Transient, () => scene.Provider.ListAsync(Ours, default));
    }

    /// <summary>Invariant S4.</summary>
    [ContractFact(About = SceneParts.FirstBoot)]
    [Under(CloudTrouble.EchoesWhatWasSent)]
    [Trait("Invariant", "S4")]
    public async Task What_was_sent_is_in_no_message()
    {
        await using var scene = await StartAsync();
        Arrange(scene, CloudTrouble.EchoesWhatWasSent);

        var failure =
            await Should
                .ThrowAsync<CloudException>(
                    () => scene.Provider.CreateAsync(
                        Spec("acme-ci-w1", $"#cloud-config\nssh_keys:\n  private: |\n    {PrivateLine}\n"), default));

        failure.ToString().ShouldNotContain(PrivateLine);
        failure.ToString().ShouldNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(PrivateLine))[..24]);
        Harmless(scene, failure);
    }

    /// <summary>A vendor adds states; an instance in one of them is alive.</summary>
    [ContractFact]
    [Under(CloudTrouble.UnknownStatus)]
    public async Task An_unknown_state_is_alive()
    {
        await using var scene = await StartAsync();
        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        Arrange(scene, CloudTrouble.UnknownStatus);

        (await scene.Provider.ListAsync(Ours, default)).ShouldHaveSingleItem().Status.ShouldBe(InstanceStatus.Unknown);
        (await scene.Provider.GetAsync(created.Id, default))!.Status.ShouldBe(InstanceStatus.Unknown);
    }
}
