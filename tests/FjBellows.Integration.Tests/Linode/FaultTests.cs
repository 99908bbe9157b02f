using FjBellows.Providers;
using FjBellows.Providers.Linode;
using Microsoft.Extensions.Time.Testing;

namespace FjBellows.Integration.Tests.Linode;

/// <summary>What goes wrong below HTTP, and what only time brings to light. Each test ends with the exact content of the account.</summary>
public sealed class FaultTests
{
    [Fact]
    [Trait("Invariant", "W2")]
    public async Task A_create_whose_answer_was_lost_is_adopted()
    {
        await using var scene = await LinodeScene.StartAsync();
        scene.Fake.Account.Seed("acme-ci-theirs", LinodeScene.Theirs.Tag, LinodeScene.Theirs.Owner);
        scene.Fake.Faults.LoseAnswer("POST", "linode/instances");

        var adopted = await scene.Provider().CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        scene.Fake.Account.Instances.Single(i => i.Label == "acme-ci-w1").Id.ToString(System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBe(adopted.Id.Value);
        scene.Labels.ShouldBe(["acme-ci-theirs", "acme-ci-w1"]);
        scene.Fake.Account.Bought.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W2")]
    public async Task A_lost_create_that_is_not_listed_yet_is_not_created_again()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(time: clock);
        scene.Fake.Faults.HiddenFromLists = TimeSpan.FromSeconds(30);
        scene.Fake.Faults.LoseAnswer("POST", "linode/instances");
        var provider = scene.Provider();

        var lost = await LinodeScene.FailureAsync(
            CloudErrorKind.Transient, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));
        var taken = await LinodeScene.FailureAsync(
            CloudErrorKind.Conflict, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));

        lost.MayHaveTakenEffect.ShouldBeTrue();
        taken.MayHaveTakenEffect.ShouldBeTrue();
        (await provider.ListAsync(LinodeScene.Ours, default)).ShouldBeEmpty();
        clock.Advance(TimeSpan.FromSeconds(30));
        (await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default)).Name.ShouldBe("acme-ci-w1");
        scene.Labels.ShouldBe(["acme-ci-w1"]);
        scene.Fake.Account.Bought.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "W2")]
    [Trait("Invariant", "R2")]
    public async Task A_lost_create_is_not_created_elsewhere_when_its_first_place_has_sold_out_since()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(time: clock);
        scene.Fake.Faults.HiddenFromLists = TimeSpan.FromSeconds(30);
        scene.Fake.Faults.LoseAnswer("POST", "linode/instances");
        var provider = scene.Provider(s => s with { Fallbacks = [new("br-gru", "g6-standard-2")] });
        await LinodeScene.FailureAsync(CloudErrorKind.Transient, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));
        scene.Fake.Faults.SellOut("us-ord", "g6-standard-2");

        await LinodeScene.FailureAsync(CloudErrorKind.Conflict, () => provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default));

        scene.Fake.Account.Instances.ShouldHaveSingleItem().Region.ShouldBe("us-ord");
        scene.Fake.Account.Bought.ShouldBe(1);
    }

    [Fact]
    [Trait("Invariant", "R1")]
    [Trait("Invariant", "W2")]
    public async Task A_create_that_takes_too_long_is_given_up_and_found_by_its_name()
    {
        await using var scene = await LinodeScene.StartAsync();
        scene.Fake.Faults.Delay("POST", "linode/instances", TimeSpan.FromMinutes(5));
        var provider = scene.Provider(s => s with { RequestTimeout = TimeSpan.FromMilliseconds(500) });
        await provider.ListAsync(LinodeScene.Ours, default);

        var adopted = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);

        adopted.Name.ShouldBe("acme-ci-w1");
        scene.Labels.ShouldBe(["acme-ci-w1"]);
        scene.Fake.Account.Bought.ShouldBe(1);
        scene.Log.Lines.ShouldContain(l => l.Contains("no answer within 0.5 s", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Invariant", "R1")]
    public async Task A_caller_that_gives_up_is_let_go()
    {
        await using var scene = await LinodeScene.StartAsync();
        scene.Fake.Faults.Delay("GET", "linode/instances", TimeSpan.FromMinutes(5));
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Should.ThrowAsync<OperationCanceledException>(() => scene.Provider().ListAsync(LinodeScene.Ours, patience.Token));
    }

    [Fact]
    [Trait("Invariant", "R2")]
    public async Task A_gateways_page_is_no_empty_account()
    {
        await using var scene = await LinodeScene.StartAsync();
        var provider = scene.Provider();
        await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        foreach (var status in new[] { 200, 404, 502 })
        {
            scene.Fake.Faults.Answer("GET", "linode/instances", status, "<html><h1>Maintenance</h1></html>");
            var failure = await Should.ThrowAsync<CloudException>(() => provider.ListAsync(LinodeScene.Ours, default));
            failure.Message.ShouldContain("<h1>Maintenance</h1>");
        }

        scene.Fake.Faults.Answer("GET", "linode/instances/", 502, "<html>");
        await LinodeScene.FailureAsync(CloudErrorKind.Transient, () => provider.GetAsync(new InstanceId("1001"), default));
        (await provider.ListAsync(LinodeScene.Ours, default)).ShouldHaveSingleItem();
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public async Task A_404_that_is_not_linodes_proves_no_absence()
    {
        await using var scene = await LinodeScene.StartAsync();
        var provider = scene.Provider();
        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        scene.Fake.Faults.Answer("GET", "linode/instances/", 404, "<html>no such host</html>", times: 2);

        await LinodeScene.FailureAsync(CloudErrorKind.Transient, () => provider.GetAsync(bought.Id, default));
        await LinodeScene.FailureAsync(CloudErrorKind.Transient, () => provider.DeleteAsync(bought.Id, bought.Name, default));

        scene.Labels.ShouldBe(["acme-ci-w1"]);
    }

    [Fact]
    [Trait("Invariant", "W7")]
    public async Task A_delete_whose_answer_was_lost_is_repeated_to_the_end()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(time: clock);
        var provider = scene.Provider();
        var bought = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default);
        var kept = await provider.CreateAsync(LinodeScene.Spec("acme-ci-w2"), default);
        scene.Fake.Faults.LoseAnswer("DELETE", "linode/instances");

        await LinodeScene.FailureAsync(CloudErrorKind.Transient, () => provider.DeleteAsync(bought.Id, bought.Name, default));
        await provider.DeleteAsync(bought.Id, bought.Name, default);
        clock.Advance(TimeSpan.FromSeconds(5));

        (await provider.GetAsync(bought.Id, default)).ShouldBeNull();
        (await provider.GetAsync(kept.Id, default)).ShouldNotBeNull();
        scene.Labels.ShouldBe(["acme-ci-w2"]);
    }

    [Fact]
    [Trait("Invariant", "O1")]
    public async Task Pages_that_move_while_they_are_read_lose_nobody()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(time: clock);
        for (var i = 0; i < 600; i++)
        {
            scene.Fake.Account.Seed($"old-{i}", LinodeScene.Ours.Tag, "fjb-0000000000000000");
        }

        var ours = scene.Fake.Account.Seed("acme-ci-w1", LinodeScene.Ours.Tag, LinodeScene.Ours.Owner);
        var deleted = 0;
        using var handler = new AfterFirstPage(async () =>
        {
            // While page 1 is on its way back, enough of it is deleted that our instance would move from page 2 to page 1.
            for (; deleted < 150; deleted++)
            {
                await scene.Fake.ConsoleAsync("DELETE", $"linode/instances/{1001 + deleted}");
            }

            clock.Advance(TimeSpan.FromSeconds(5));
        });
        using var provider = new LinodeProvider(scene.Settings with { ApiUrl = scene.Fake.ApiUrl }, null, null, null, handler);

        var listed = await provider.ListAsync(LinodeScene.Ours, default);

        listed.ShouldContain(i => i.Name == ours.Label);
        listed.Count.ShouldBe(451);
    }

    [Fact]
    public async Task A_first_boot_document_that_is_too_large_never_leaves()
    {
        await using var scene = await LinodeScene.StartAsync();

        var failure = await LinodeScene.FailureAsync(
            CloudErrorKind.InvalidConfig,
            () => scene.Provider()
                .CreateAsync(LinodeScene.Spec("acme-ci-w1", new string('x', LinodeProvider.Carries.MaxUserDataBytes + 1)), default));

        failure.Message.ShouldContain("16385 bytes");
        scene.Fake.Requests.ShouldBeEmpty();
        await scene.Provider()
            .CreateAsync(LinodeScene.Spec("acme-ci-w1", new string('x', LinodeProvider.Carries.MaxUserDataBytes)), default);
        scene.Labels.ShouldBe(["acme-ci-w1"]);
    }

    [Fact]
    public async Task Without_prices_workers_are_created_all_the_same()
    {
        var clock = new FakeTimeProvider();
        await using var scene = await LinodeScene.StartAsync(time: clock);
        var provider = scene.Provider(time: clock);
        scene.Fake.Faults.Answer("GET", "linode/types", 500, "Internal error");

        (await provider.CreateAsync(LinodeScene.Spec("acme-ci-w1"), default)).HourlyPrice.ShouldBeNull();
        (await provider.ListAsync(LinodeScene.Ours, default)).ShouldHaveSingleItem().HourlyPrice.ShouldBeNull();
        clock.Advance(TimeSpan.FromMinutes(10));
        (await provider.ListAsync(LinodeScene.Ours, default)).ShouldHaveSingleItem().HourlyPrice.ShouldBe(0.036m);
        scene.Fake.Requests.Count(r => r.StartsWith("GET linode/types", StringComparison.Ordinal)).ShouldBe(2);
    }

    private sealed class AfterFirstPage(Func<Task> act) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (request.RequestUri!.AbsolutePath.EndsWith("/linode/instances", StringComparison.Ordinal)
                && request.RequestUri.Query.Contains("page=1&", StringComparison.Ordinal))
            {
                await act();
            }

            return response;
        }
    }
}
