using FjBellows.Providers;
using Shouldly;
using Xunit;

namespace FjBellows.Testing;

/// <summary>What every provider owes the pool, as facts over an account that can be counted. Derive a class for each way of running a
/// provider: against its fake, against its fake behind the vendor's schema, against a real control plane.</summary>
public abstract class ProviderContract
{
    /// <summary>The marks of the pool under test.</summary>
    public static Ownership Ours { get; } = Ownership.Of(new Uri("https://forge.example"), "orgs/acme", "acme-ci", "default");

    /// <summary>The marks of another deployment with the same tag.</summary>
    public static Ownership Theirs { get; } = Ownership.Of(new Uri("https://other.example"), "orgs/acme", "acme-ci", "default");

    /// <summary>A secret of the first-boot document.</summary>
    public const string PrivateLine = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAAB";

    /// <summary>Starts a scene.</summary>
    protected abstract Task<ICloudScene> StartAsync();

    /// <summary>What to create.</summary>
    /// <param name="userData">The first-boot document.</param>
    protected static InstanceSpec Spec(string name, string userData = "#cloud-config\nhostname: w\n") =>
        new(name, Ours, new Secret(userData), ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJr0 pool@host\n"]);

    /// <summary>Invariants O1 and B1.</summary>
    [SkippableFact]
    [Trait("Invariant", "O1")]
    public async Task A_created_instance_carries_both_marks_and_is_found_by_list_and_by_id()
    {
        await using var scene = await StartAsync();

        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        await scene.SettleAsync();

        created.Name.ShouldBe("acme-ci-w1");
        Ours.Owns(created).ShouldBeTrue();
        created.CreatedAt.Offset.ShouldBe(TimeSpan.Zero);
        var listed = (await scene.Provider.ListAsync(Ours, default)).ShouldHaveSingleItem();
        listed.Id.ShouldBe(created.Id);
        Ours.Owns(listed).ShouldBeTrue();
        listed.Addresses.ShouldNotBeEmpty();
        (await scene.Provider.GetAsync(created.Id, default))!.ShouldBeEquivalentTo(listed);
        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>Invariant W2.</summary>
    [SkippableFact]
    [Trait("Invariant", "W2")]
    public async Task A_repeated_name_returns_the_same_instance()
    {
        await using var scene = await StartAsync();
        var first = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);

        var second = await scene.Provider.CreateAsync(Spec("acme-ci-w1") with { Attempt = 2 }, default);

        second.Id.ShouldBe(first.Id);
        scene.Billed.ShouldBe(["acme-ci-w1"]);
        scene.Created.ShouldBe(1);
    }

    /// <summary>Invariant O1.</summary>
    [SkippableFact]
    [Trait("Invariant", "O1")]
    public async Task A_name_of_somebody_elses_is_a_conflict_and_is_left_alone()
    {
        await using var scene = await StartAsync();
        Skip.IfNot(await scene.SeedAsync("acme-ci-w1", Theirs), "the scene seeds nothing");

        await FailureAsync(scene, CloudErrorKind.Conflict, () => scene.Provider.CreateAsync(Spec("acme-ci-w1"), default));

        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>Invariant O1.</summary>
    [SkippableFact]
    [Trait("Invariant", "O1")]
    public async Task A_list_holds_every_instance_of_the_tag_and_tells_foreign_ones_apart()
    {
        await using var scene = await StartAsync();
        Skip.IfNot(await scene.SeedAsync("acme-ci-theirs", Theirs), "the scene seeds nothing");
        await scene.SeedAsync("shop-1", Ours with { Tag = "shop" });
        await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        await scene.SettleAsync();

        var listed = await scene.Provider.ListAsync(Ours, default);

        listed.Select(i => i.Name).ShouldBe(["acme-ci-theirs", "acme-ci-w1"], ignoreOrder: true);
        listed.Where(Ours.Owns).Select(i => i.Name).ShouldBe(["acme-ci-w1"]);
        listed.Where(Ours.IsForeign).Select(i => i.Name).ShouldBe(["acme-ci-theirs"]);
    }

    /// <summary>Invariant W2.</summary>
    /// <param name="trouble">How the answer is lost.</param>
    [SkippableTheory]
    [InlineData(CloudTrouble.LostCreateAnswer)]
    [InlineData(CloudTrouble.CreateWorksBehindFailure)]
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
    [SkippableFact]
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
    /// <param name="kind">How the pool is told.</param>
    [SkippableTheory]
    [InlineData(CloudTrouble.TooManyRequests, CloudErrorKind.RateLimited)]
    [InlineData(CloudTrouble.QuotaReached, CloudErrorKind.QuotaExceeded)]
    [InlineData(CloudTrouble.NoCapacity, CloudErrorKind.CapacityOut)]
    [InlineData(CloudTrouble.LateFailure, CloudErrorKind.CapacityOut)]
    [InlineData(CloudTrouble.TokenRefused, CloudErrorKind.Auth)]
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

    /// <summary>Invariants W7 and O8.</summary>
    [SkippableFact]
    [Trait("Invariant", "W7")]
    [Trait("Invariant", "O8")]
    public async Task A_deleted_instance_is_gone_with_all_that_belonged_to_it()
    {
        await using var scene = await StartAsync();
        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        var kept = await scene.Provider.CreateAsync(Spec("acme-ci-w2"), default);

        await scene.Provider.DeleteAsync(created.Id, created.Name, default);
        await scene.Provider.DeleteAsync(created.Id, created.Name, default);
        await scene.SettleAsync();

        (await scene.Provider.GetAsync(created.Id, default)).ShouldBeNull();
        await scene.Provider.DeleteAsync(created.Id, created.Name, default);
        (await scene.Provider.ListAsync(Ours, default)).Select(i => i.Id).ShouldBe([kept.Id]);
        scene.Billed.ShouldBe(["acme-ci-w2"]);
        scene.Leftovers.ShouldBeEmpty();
    }

    /// <summary>Invariant W7.</summary>
    [SkippableFact]
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

    /// <summary>Invariant O1: ids are reused by some clouds.</summary>
    [SkippableFact]
    [Trait("Invariant", "O1")]
    public async Task An_instance_of_another_name_is_not_deleted()
    {
        await using var scene = await StartAsync();
        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);

        try
        {
            await scene.Provider.DeleteAsync(created.Id, "acme-ci-w9", default);
        }
        catch (CloudException e)
        {
            e.Kind.ShouldBe(CloudErrorKind.Conflict, e.Message);
        }

        await scene.SettleAsync();
        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>Invariant W7.</summary>
    [SkippableFact]
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
    [SkippableTheory]
    [InlineData(CloudTrouble.ListIsHtml)]
    [InlineData(CloudTrouble.LastPageFails)]
    [Trait("Invariant", "W11")]
    public async Task A_list_that_is_not_whole_is_a_failure(CloudTrouble trouble)
    {
        await using var scene = await StartAsync();
        await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        Arrange(scene, trouble);

        await FailureAsync(scene, CloudErrorKind.Transient, () => scene.Provider.ListAsync(Ours, default));
    }

    /// <summary>Invariant S4.</summary>
    [SkippableFact]
    [Trait("Invariant", "S4")]
    public async Task What_was_sent_is_in_no_message()
    {
        await using var scene = await StartAsync();
        Skip.If(scene.Provider.Capabilities.MaxUserDataBytes == 0, "the provider takes no first-boot document");
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

    /// <summary>The limit is the provider's own attribute.</summary>
    [SkippableFact]
    public async Task A_first_boot_document_of_the_limit_is_taken_and_one_byte_more_is_not()
    {
        await using var scene = await StartAsync();
        var limit = scene.Provider.Capabilities.MaxUserDataBytes;
        Skip.If(limit == 0, "the provider takes no first-boot document");

        await FailureAsync(
            scene, CloudErrorKind.InvalidConfig, () => scene.Provider.CreateAsync(Spec("acme-ci-w1", new string('x', limit + 1)), default));
        scene.Billed.ShouldBeEmpty();
        await scene.Provider.CreateAsync(Spec("acme-ci-w1", new string('x', limit)), default);

        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>A vendor adds states; an instance in one of them is alive.</summary>
    [SkippableFact]
    public async Task An_unknown_state_is_alive()
    {
        await using var scene = await StartAsync();
        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        Arrange(scene, CloudTrouble.UnknownStatus);

        (await scene.Provider.ListAsync(Ours, default)).ShouldHaveSingleItem().Status.ShouldBe(InstanceStatus.Unknown);
        (await scene.Provider.GetAsync(created.Id, default))!.Status.ShouldBe(InstanceStatus.Unknown);
    }

    /// <summary>Invariant R1.</summary>
    [SkippableFact]
    [Trait("Invariant", "R1")]
    public async Task A_caller_that_gives_up_is_let_go()
    {
        await using var scene = await StartAsync();
        using var end = new CancellationTokenSource();
        await end.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => scene.Provider.ListAsync(Ours, end.Token));
    }

    /// <summary>Same id, another first-boot document.</summary>
    [SkippableFact]
    public async Task A_rebuilt_instance_keeps_its_id_its_name_and_its_marks()
    {
        await using var scene = await StartAsync();
        Skip.If(scene.Provider.Parts.Rebuild is null, "the provider rebuilds nothing");
        var created = await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        await scene.SettleAsync();

        var rebuilt = await scene.Provider.Parts.Rebuild!.RebuildAsync(
            created.Id, Spec("acme-ci-w1", "#cloud-config\nhostname: again\n"), default);

        (rebuilt.Id, rebuilt.Name, rebuilt.CreatedAt).ShouldBe((created.Id, created.Name, created.CreatedAt));
        Ours.Owns(rebuilt).ShouldBeTrue();
        scene.Created.ShouldBe(1);
        await FailureAsync(
            scene, CloudErrorKind.Conflict, () => scene.Provider.Parts.Rebuild!.RebuildAsync(created.Id, Spec("acme-ci-w9"), default));
    }

    /// <summary>The check changes nothing.</summary>
    [SkippableFact]
    public async Task A_check_of_good_settings_finds_no_error_and_creates_nothing()
    {
        await using var scene = await StartAsync();
        Skip.If(scene.Provider.Parts.Account is null, "the provider checks nothing");

        var findings = await scene.Provider.Parts.Account!.CheckAsync(default);

        findings.ShouldNotBeEmpty();
        findings.ShouldNotContain(f => f.Level == FindingLevel.Error);
        scene.Created.ShouldBe(0);
    }

    private static void Arrange(ICloudScene scene, CloudTrouble trouble) =>
        Skip.IfNot(scene.Arrange(trouble), $"the scene cannot have {trouble}");

    private static async Task<CloudException> FailureAsync(ICloudScene scene, CloudErrorKind kind, Func<Task> call)
    {
        var failure = await Should.ThrowAsync<CloudException>(call);
        failure.Kind.ShouldBe(kind, failure.Message);
        Harmless(scene, failure);
        return failure;
    }

    private static void Harmless(ICloudScene scene, CloudException failure)
    {
        foreach (var secret in scene.Secrets)
        {
            failure.ToString().ShouldNotContain(secret);
            scene.Log.ShouldAllBe(line => !line.Contains(secret, StringComparison.Ordinal));
        }
    }
}
