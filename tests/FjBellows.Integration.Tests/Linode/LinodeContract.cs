using FjBellows.Billing;
using FjBellows.Providers;
using FjBellows.Providers.Linode;
using FjBellows.Sandbox.Clouds;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>What the provider promises, shown against an account that can be counted. Run twice: straight against the stand-in, and with
/// every request and answer held against the vendor's schema.</summary>
public abstract partial class LinodeContract
{
    private protected abstract Task<LinodeScene> StartAsync(LinodeFakeOptions? options = null, TimeProvider? time = null);

    [Fact]
    [Trait("Invariant", "O1")]
    [Trait("Invariant", "B1")]
    public async Task A_worker_is_created_with_all_it_needs_and_found_again()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
        await using var scene = await StartAsync(time: clock);
        var provider = scene.Provider();

        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1", "#cloud-config\nhostname: ü\n"), default);

        bought.Name.ShouldBe("acme-ci-w1");
        bought.Status.ShouldBe(InstanceStatus.Starting);
        bought.CreatedAt.ShouldBe(clock.GetUtcNow());
        bought.Addresses.ShouldNotBeEmpty();
        bought.Placement.ShouldBe("us-ord/g6-standard-2");
        bought.HourlyPrice.ShouldBe(0.036m);
        LinodeScene.Ours.Owns(bought).ShouldBeTrue();

        var there = scene.Fake.Account.Instances.ShouldHaveSingleItem();
        there.UserData.ShouldBe("#cloud-config\nhostname: ü\n");
        there.AuthorizedKeys.ShouldBe(["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJr0 pool@host"]);
        there.Tags.ShouldBe([LinodeScene.Ours.Tag, LinodeScene.Ours.Owner]);
        there.RootPass.Length.ShouldBeGreaterThan(32);
        scene.Log.Lines.ShouldAllBe(l => !l.Contains(there.RootPass, StringComparison.Ordinal));

        clock.Advance(TimeSpan.FromMinutes(2));
        var listed = (await provider.ListAsync(LinodeScene.Ours, default)).ShouldHaveSingleItem();
        listed.Status.ShouldBe(InstanceStatus.Running);
        (await provider.GetAsync(bought.Id, default))!.ShouldBeEquivalentTo(listed);
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public async Task A_deleted_worker_is_gone_once_the_cloud_says_so()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        await using var scene = await StartAsync(time: clock);
        var provider = scene.Provider();
        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        await provider.DeleteAsync(bought.Id, bought.Name, default);
        (await provider.GetAsync(bought.Id, default))!.Status.ShouldBe(InstanceStatus.Deleting);
        await provider.DeleteAsync(bought.Id, bought.Name, default);
        clock.Advance(TimeSpan.FromSeconds(5));

        (await provider.GetAsync(bought.Id, default)).ShouldBeNull();
        await provider.DeleteAsync(bought.Id, bought.Name, default);
        (await provider.ListAsync(LinodeScene.Ours, default)).ShouldBeEmpty();
        scene.Labels.ShouldBeEmpty();
        scene.Fake.Account.Deletions.Values.ShouldBe([1]);
    }

    [Fact]
    [Trait("Invariant", "W2")]
    public async Task A_name_that_is_ours_already_is_adopted_and_not_created_twice()
    {
        await using var scene = await StartAsync();
        var provider = scene.Provider();
        var first = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        var second = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        second.Id.ShouldBe(first.Id);
        scene.Labels.ShouldBe(["acme-ci-w1"]);
        scene.Fake.Account.Bought.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task A_name_that_belongs_to_somebody_else_is_left_alone()
    {
        await using var scene = await StartAsync();
        scene.Fake.Account.Seed("acme-ci-w1", LinodeScene.Theirs.Tag, LinodeScene.Theirs.Owner);

        var failure = await LinodeScene.FailureAsync(
            CloudErrorKind.Conflict, () => scene.Provider().CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));

        failure.Message.ShouldContain("not ours");
        scene.Labels.ShouldBe(["acme-ci-w1"]);
        scene.Fake.Account.Bought.ShouldBe(0);
        scene.Fake.Account.Deletions.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task Among_1200_foreign_instances_only_those_with_the_tag_are_listed()
    {
        await using var scene = await StartAsync();
        for (var i = 0; i < 1200; i++)
        {
            scene.Fake.Account.Seed($"shop-{i}", i % 2 == 0 ? "shop" : "acme-ci-arm");
        }

        scene.Fake.Account.Seed("acme-ci-theirs", LinodeScene.Theirs.Tag, LinodeScene.Theirs.Owner);
        var provider = scene.Provider();
        var ours = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        foreach (var ignored in new[] { false, true })
        {
            scene.Fake.Faults.IgnoreFilters = ignored;
            var listed = await provider.ListAsync(LinodeScene.Ours, default);
            listed.Select(i => i.Name).ShouldBe(["acme-ci-theirs", "acme-ci-w1"], ignoreOrder: true);
            listed.Where(LinodeScene.Ours.Owns).Select(i => i.Id).ShouldBe([ours.Id]);
            listed.Where(LinodeScene.Ours.IsForeign).Select(i => i.Name).ShouldBe(["acme-ci-theirs"]);
        }

        scene.Fake.Requests.Count(r => r.StartsWith("GET linode/instances ", StringComparison.Ordinal)).ShouldBe(1 + 3);
        scene.Labels.Length.ShouldBe(1202);
        scene.Fake.Account.Deletions.ShouldBeEmpty();
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task Without_capacity_the_next_place_is_tried()
    {
        await using var scene = await StartAsync();
        scene.Fake.Faults.SellOut("us-ord", "g6-standard-2");
        var provider = scene.Provider(s => s with { Fallbacks = [new("us-ord", "g6-standard-4"), new("br-gru", "g6-standard-2")] });

        (await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default)).Placement.ShouldBe("us-ord/g6-standard-4");
        scene.Fake.Faults.SellOut("us-ord", "g6-standard-4");
        scene.Fake.Faults.SoldOutStatus = 403;
        var far = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w2"), default);

        far.Placement.ShouldBe("br-gru/g6-standard-2");
        far.HourlyPrice.ShouldBe(0.0504m);
        scene.Fake.Faults.SellOut("br-gru", "g6-standard-2");
        var failure = await LinodeScene.FailureAsync(
            CloudErrorKind.CapacityOut, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w3"), default));
        failure.Message.ShouldContain("us-ord/g6-standard-2, us-ord/g6-standard-4, br-gru/g6-standard-2");
        failure.MayHaveTakenEffect.ShouldBeFalse();
        scene.Labels.ShouldBe(["acme-ci-w1", "acme-ci-w2"]);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task The_accounts_limit_is_reported_as_such()
    {
        await using var scene = await StartAsync(new LinodeFakeOptions { Quota = 1 });
        var provider = scene.Provider(s => s with { Fallbacks = [new("br-gru", "g6-standard-2")] });
        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        var failure = await LinodeScene.FailureAsync(
            CloudErrorKind.QuotaExceeded, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w2"), default));

        failure.Message.ShouldContain("Account Limit reached");
        scene.Labels.ShouldBe(["acme-ci-w1"]);
        scene.Fake.Requests.Count(r => r.StartsWith("POST linode/instances", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task Wrong_settings_and_a_wrong_token_are_told_apart()
    {
        await using var scene = await StartAsync();

        var type = await LinodeScene.FailureAsync(
            CloudErrorKind.InvalidConfig,
            () => scene.Provider(s => s with { Type = "g6-nothing" }).CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));
        type.Message.ShouldContain("type: A valid plan");
        await LinodeScene.FailureAsync(
            CloudErrorKind.InvalidConfig,
            () => scene.Provider(s => s with { Image = "linode/debian9" }).CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));
        await LinodeScene.FailureAsync(
            CloudErrorKind.Auth,
            () => scene.Provider(s => s with { Token = new Secret("wrong") }).CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));
        await LinodeScene.FailureAsync(
            CloudErrorKind.Auth, () => scene.Provider(s => s with { Token = new Secret("wrong") }).ListAsync(LinodeScene.Ours, default));
        scene.Labels.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(429, CloudErrorKind.RateLimited)]
    [InlineData(408, CloudErrorKind.Transient)]
    [InlineData(500, CloudErrorKind.Transient)]
    [InlineData(502, CloudErrorKind.Transient)]
    [Trait("Invariant", "R2")]
    public async Task A_refused_create_provisions_nothing_and_can_be_repeated(int status, CloudErrorKind kind)
    {
        await using var scene = await StartAsync();
        scene.Fake.Faults.Answer("POST", "linode/instances", status, "Not now");

        var failure = await LinodeScene.FailureAsync(kind, () => scene.Provider().CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));

        failure.Message.ShouldContain("Not now");
        scene.Labels.ShouldBeEmpty();
        await scene.Provider().CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        scene.Labels.ShouldBe(["acme-ci-w1"]);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(500)]
    [InlineData(502)]
    [Trait("Invariant", "W2")]
    public async Task A_create_that_worked_behind_an_error_is_adopted(int status)
    {
        await using var scene = await StartAsync();
        scene.Fake.Faults.ActThenAnswer("POST", "linode/instances", status);

        var adopted = await scene.Provider().CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        adopted.Name.ShouldBe("acme-ci-w1");
        scene.Labels.ShouldBe(["acme-ci-w1"]);
        scene.Fake.Account.Bought.ShouldBe(1);
        scene.Log.Lines.ShouldContain(l => l.Contains("adopted", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task Retry_after_is_passed_on_and_obeyed()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await StartAsync(time: clock);
        var provider = scene.Provider(time: clock);
        scene.Fake.Faults.Answer("POST", "linode/instances", 429, "Too many requests", TimeSpan.FromSeconds(40));

        var refused = await LinodeScene.FailureAsync(
            CloudErrorKind.RateLimited, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));
        var held = await LinodeScene.FailureAsync(
            CloudErrorKind.RateLimited, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));

        refused.RetryAfter.ShouldBe(TimeSpan.FromSeconds(40));
        held.RetryAfter.ShouldBe(TimeSpan.FromSeconds(40));
        scene.Fake.Requests.Count(r => r.StartsWith("POST", StringComparison.Ordinal)).ShouldBe(1);
        clock.Advance(TimeSpan.FromSeconds(40));
        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        scene.Labels.ShouldBe(["acme-ci-w1"]);
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public async Task What_cannot_be_deleted_yet_is_reported_and_deleted_later()
    {
        await using var scene = await StartAsync();
        var provider = scene.Provider();
        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        var id = long.Parse(bought.Id.Value, System.Globalization.CultureInfo.InvariantCulture);

        scene.Fake.Account.Lock(id, "cannot_delete");
        (await LinodeScene.FailureAsync(CloudErrorKind.Conflict, () => provider.DeleteAsync(bought.Id, bought.Name, default))).Message
            .ShouldContain("cannot_delete");
        scene.Fake.Account.Lock(id);
        scene.Fake.Account.Hold(id, "cloning");
        (await LinodeScene.FailureAsync(CloudErrorKind.Conflict, () => provider.DeleteAsync(bought.Id, bought.Name, default))).Message
            .ShouldContain("is cloning");
        scene.Fake.Account.Hold(id, null);
        scene.Fake.Account.Rename(id, "precious");
        (await LinodeScene.FailureAsync(CloudErrorKind.Conflict, () => provider.DeleteAsync(bought.Id, bought.Name, default))).Message
            .ShouldContain("precious");
        scene.Labels.ShouldBe(["precious"]);
        scene.Fake.Account.Rename(id, bought.Name);
        scene.Fake.Faults.Answer("DELETE", "linode/instances", 400, "Linode busy.");
        await LinodeScene.FailureAsync(CloudErrorKind.Conflict, () => provider.DeleteAsync(bought.Id, bought.Name, default));

        await provider.DeleteAsync(bought.Id, bought.Name, default);
        scene.Labels.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_check_reads_the_account_and_changes_nothing()
    {
        await using var scene = await StartAsync();
        scene.Fake.Account.Seed("shop-1", "shop");
        scene.Fake.Faults.SellOut("br-gru", "g6-standard-4");
        var provider = scene.Provider(s => s with
        {
            Fallbacks = [new("br-gru", "g6-standard-4")],
            Firewall = new() { AllowInbound = ["any"] },
            PlacementGroup = new(),
        });

        var findings = await provider.Parts.Account!.CheckAsync(default);

        findings.ShouldNotContain(f => f.Level == FindingLevel.Error);
        findings.ShouldContain(f => f.Subject == "token" && f.Message.Contains("has the scope linodes:read_write"));
        findings.ShouldContain(f => f.Subject == "token" && f.Message.Contains("the account has 1"));
        findings.ShouldContain(f => f.Subject == "type" && f.Message == "g6-standard-2 in us-ord costs 0.036 per hour");
        findings.ShouldContain(f => f.Subject == "type" && f.Message == "g6-standard-4 in br-gru costs 0.1008 per hour");
        findings.ShouldContain(f => f.Level == FindingLevel.Warning && f.Message == "g6-standard-4 is sold out in br-gru at the moment");
        findings.ShouldContain(f => f.Subject == "image" && f.Level == FindingLevel.Ok);
        scene.Fake.Requests.ShouldAllBe(r => r.StartsWith("GET ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_check_names_everything_that_would_stop_a_create()
    {
        await using var scene = await StartAsync(
            new LinodeFakeOptions { Scopes = "linodes:read_only images:read_only", Restricted = true, Grants = [] });
        var provider = scene.Provider(s => s with
        {
            Region = "ap-old",
            Type = "g6-nothing",
            Image = "linode/debian9",
            Fallbacks = [new("nowhere", "g6-standard-2")],
            Firewall = new() { AllowInbound = ["any"] },
            PlacementGroupId = null,
        });

        var errors = (await provider.Parts.Account!.CheckAsync(default)).Where(f => f.Level == FindingLevel.Error).Select(f => f.Message)
            .ToList();

        errors.ShouldContain(m => m.Contains("lacks the scope linodes:read_write"));
        errors.ShouldContain(m => m.Contains("lacks the scope firewall:read_write"));
        errors.ShouldContain(m => m.Contains("lacks the grant add_linodes"));
        errors.ShouldContain(m => m.Contains("lacks the capability Metadata"));
        errors.ShouldContain(m => m.Contains("no capability cloud-init"));
        errors.ShouldContain(m => m.Contains("g6-nothing does not exist"));
        errors.ShouldContain(m => m.Contains("nowhere does not exist"));
        var refused = await scene.Provider(s => s with { Token = new Secret("wrong") }).Parts.Account!.CheckAsync(default);
        refused.ShouldHaveSingleItem().Level.ShouldBe(FindingLevel.Error);
    }

    [Fact]
    public void Linode_bills_by_the_hour_from_creation() => new LinodeProvider(
        new LinodeSettings { Region = "us-ord", Type = "t", Image = "i", Token = new Secret("t") }).Billing.ShouldBe(BillingModel.Hourly);
}
