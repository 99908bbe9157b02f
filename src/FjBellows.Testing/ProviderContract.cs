using FjBellows.Providers;
using Shouldly;
using Xunit;

namespace FjBellows.Testing;

/// <summary>What every provider owes the pool, as facts over an account that can be counted. Derive a class for each way of running a
/// provider: against its fake, against its fake behind the vendor's schema, against a real control plane. <see cref="SceneAttribute"/> on
/// the class declares what can be shown.</summary>
public abstract class ProviderContract : TroubleContract
{
    /// <summary>The declaration of the class is true, so that no fact is left out that could be shown.</summary>
    [ContractFact]
    public async Task What_the_class_declares_is_what_the_provider_and_the_scene_can_do()
    {
        await using var scene = await StartAsync();
        var declared = SceneAttribute.Of(GetType());

        PartsOf(scene.Provider).ShouldBe(declared.Parts);
        declared.Lacks.Where(scene.Arrange).ShouldBeEmpty("the scene can have these troubles, and the class says that it cannot");
    }

    /// <summary>Invariants O1 and B1.</summary>
    [ContractFact]
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

    /// <summary>Invariant B8.</summary>
    [ContractFact(About = SceneParts.Time)]
    [Trait("Invariant", "B8")]
    public async Task The_cloud_s_time_is_that_of_its_last_answer()
    {
        await using var scene = await StartAsync();
        var time = scene.Provider.Parts.Time!;
        time.LastAnswer.ShouldBeNull("nothing was asked yet");
        await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        await scene.SettleAsync();
        var created = (await scene.Provider.ListAsync(Ours, default)).Single().CreatedAt;
        var answered = time.LastAnswer.ShouldNotBeNull();

        // A proxy between provider and stand-in stamps answers with its own clock.
        var now = TimeProvider.System.GetUtcNow();
        ((answered - created).Duration() < TimeSpan.FromHours(1) || (answered - now).Duration() < TimeSpan.FromMinutes(1))
            .ShouldBeTrue($"it is {answered:O}, the instance is of {created:O}");
    }

    /// <summary>Invariant W2.</summary>
    [ContractFact]
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
    [ContractFact]
    [Trait("Invariant", "O1")]
    public async Task A_name_of_somebody_elses_is_a_conflict_and_is_left_alone()
    {
        await using var scene = await StartAsync();
        await scene.SeedAsync("acme-ci-w1", Theirs);

        await FailureAsync(scene, CloudErrorKind.Conflict, () => scene.Provider.CreateAsync(Spec("acme-ci-w1"), default));

        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>Invariant O1.</summary>
    [ContractFact]
    [Trait("Invariant", "O1")]
    public async Task A_list_holds_every_instance_of_the_tag_and_tells_foreign_ones_apart()
    {
        await using var scene = await StartAsync();
        await scene.SeedAsync("acme-ci-theirs", Theirs);
        await scene.SeedAsync("shop-1", Ours with { Tag = "shop" });
        await scene.Provider.CreateAsync(Spec("acme-ci-w1"), default);
        await scene.SettleAsync();

        var listed = await scene.Provider.ListAsync(Ours, default);

        listed.Select(i => i.Name).ShouldBe(["acme-ci-theirs", "acme-ci-w1"], ignoreOrder: true);
        listed.Where(Ours.Owns).Select(i => i.Name).ShouldBe(["acme-ci-w1"]);
        listed.Where(Ours.IsForeign).Select(i => i.Name).ShouldBe(["acme-ci-theirs"]);
    }

    /// <summary>Invariants W7 and O8.</summary>
    [ContractFact]
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

    /// <summary>Invariant O1: ids are reused by some clouds.</summary>
    [ContractFact]
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

    /// <summary>The limit is the provider's own attribute.</summary>
    [ContractFact(About = SceneParts.FirstBoot)]
    public async Task A_first_boot_document_of_the_limit_is_taken_and_one_byte_more_is_not()
    {
        await using var scene = await StartAsync();
        var limit = scene.Provider.Capabilities.MaxUserDataBytes;

        await FailureAsync(
            scene, CloudErrorKind.InvalidConfig, () => scene.Provider.CreateAsync(Spec("acme-ci-w1", new string('x', limit + 1)), default));
        scene.Billed.ShouldBeEmpty();
        await scene.Provider.CreateAsync(Spec("acme-ci-w1", new string('x', limit)), default);

        scene.Billed.ShouldBe(["acme-ci-w1"]);
    }

    /// <summary>Invariant R1.</summary>
    [ContractFact]
    [Trait("Invariant", "R1")]
    public async Task A_caller_that_gives_up_is_let_go()
    {
        await using var scene = await StartAsync();
        using var end = new CancellationTokenSource();
        await end.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => scene.Provider.ListAsync(Ours, end.Token));
    }

    /// <summary>Same id, another first-boot document.</summary>
    [ContractFact(About = SceneParts.Rebuild)]
    public async Task A_rebuilt_instance_keeps_its_id_its_name_and_its_marks()
    {
        await using var scene = await StartAsync();
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
    [ContractFact(About = SceneParts.Account)]
    public async Task A_check_of_good_settings_finds_no_error_and_creates_nothing()
    {
        await using var scene = await StartAsync();

        var findings = await scene.Provider.Parts.Account!.CheckAsync(default);

        findings.ShouldNotBeEmpty();
        findings.ShouldNotContain(f => f.Level == FindingLevel.Error);
        scene.Created.ShouldBe(0);
    }

    private static SceneParts PartsOf(ICloudProvider provider)
    {
        var parts = provider.Parts;
        return Of(provider.Capabilities.MaxUserDataBytes > 0, SceneParts.FirstBoot) | Of(parts.Account is not null, SceneParts.Account)
            | Of(parts.Rebuild is not null, SceneParts.Rebuild) | Of(parts.Network is not null, SceneParts.Network)
            | Of(parts.Budget is not null, SceneParts.Budget) | Of(parts.Leftovers is not null, SceneParts.Leftovers)
            | Of(parts.Time is not null, SceneParts.Time);

        static SceneParts Of(bool has, SceneParts part) => has ? part : SceneParts.None;
    }
}
