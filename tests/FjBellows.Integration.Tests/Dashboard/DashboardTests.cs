using System.Net;
using FjBellows.Integration.Tests.Control;
using FjBellows.Pool;
using FjBellows.Workers;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FjBellows.Integration.Tests.Dashboard;

/// <summary>The dashboard over a pool that says what it is told to say.</summary>
[Collection(BrowserCollection.Name)]
public sealed class DashboardTests(Browser browser)
{
    private static readonly string[] Scripts = ["app.js", "api.js", "words.js", "workers.js", "jobs.js", "cost.js"];

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task Its_files_are_open_bear_a_strict_policy_and_have_nothing_inline()
    {
        await using var scene = await ControlScene.StartAsync("0.0.0.0:0", ControlScene.Token);
        foreach (var path in (string[])["/", "/dashboard/style.css", "/dashboard/icon.svg", .. Scripts.Select(s => $"/dashboard/{s}")])
        {
            using var answer = await scene.SendAsync(HttpMethod.Get, path);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
            policy.ShouldStartWith("default-src 'none'");
            policy.ShouldNotContain("unsafe");
            policy.ShouldNotContain("http");
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);

            using var again = await scene.SendAsync(HttpMethod.Get, path, headers: ("If-None-Match", answer.Headers.ETag!.Tag));
            again.StatusCode.ShouldBe(HttpStatusCode.NotModified, path);

            using var head = await scene.SendAsync(HttpMethod.Head, path);
            (head.StatusCode, head.Content.Headers.ContentLength).ShouldBe((HttpStatusCode.OK, answer.Content.Headers.ContentLength), path);
        }

        var page = await scene.Http.GetStringAsync(new Uri("/", UriKind.Relative));
        page.ShouldNotMatch(@"<script(?![^>]*\bsrc=)");
        page.ShouldNotMatch(@"<style|\sstyle=|\son\w+=");
        page.ShouldNotMatch(@"(src|href)=""(https?:)?//");
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task Where_reads_need_the_token_it_asks_and_asks_again_for_a_wrong_one()
    {
        await using var visit = await browser.OpenAsync();
        await using var scene = await ControlScene.StartAsync("0.0.0.0:0", ControlScene.Token, writes: false);
        scene.Pool.Status = scene.Pool.Status! with { Workers = [ControlScene.Worker("w-1")] };
        var page = visit.Page;
        await page.GotoAsync(scene.Http.BaseAddress!.ToString());

        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Token" });
        await Expect(dialog).ToBeVisibleAsync();
        await Expect(page.Locator("#workers > li")).ToHaveCountAsync(0);
        await page.GetByLabel("Token", new() { Exact = true }).And(page.Locator("input")).FillAsync("0123456789abcdef-wrong");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#token-why")).ToContainTextAsync("did not take this token");
        await page.Locator("#token").FillAsync(ControlScene.Token);
        await page.Keyboard.PressAsync("Enter");

        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.Locator("#workers h3")).ToHaveTextAsync("w-1");
        await Expect(page.Locator("#live")).ToHaveTextAsync("live");
        // It can be looked at and not steered.
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^(Pause|Delete|Drain|Reconcile)") })).ToHaveCountAsync(0);
        // The token is in no address.
        visit.Requests.ShouldAllBe(r => !r.Contains(ControlScene.Token, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Invariant", "S9")]
    public async Task A_new_token_is_typed_in_peace()
    {
        const string NewToken = ControlScene.Token + "-new";
        await using var visit = await browser.OpenAsync();
        var page = visit.Page;
        var first = await ControlScene.StartAsync("0.0.0.0:0", ControlScene.Token);
        var port = first.Url.Port;
        await page.GotoAsync(first.Http.BaseAddress!.ToString());
        await page.Locator("#token").FillAsync(ControlScene.Token);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#live")).ToHaveTextAsync("live");
        await first.DisposeAsync();
        await using var second = await ControlScene.StartAsync($"0.0.0.0:{port}", NewToken);

        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Token" });
        await Expect(dialog).ToBeVisibleAsync();
        await page.Locator("#token").FillAsync(NewToken[..10]);
        // Longer than the page waits between two looks.
        await Task.Delay(TimeSpan.FromSeconds(7));
        (await page.Locator("#token").InputValueAsync()).ShouldBe(NewToken[..10]);
        await page.Locator("#token").FillAsync(NewToken);
        await page.Keyboard.PressAsync("Enter");

        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.Locator("#live")).ToHaveTextAsync("live");
        await Expect(page.Locator("#health")).ToHaveTextAsync("ok");
    }

    [Fact]
    [Trait("Invariant", "W15")]
    public async Task A_busy_worker_is_deleted_only_after_a_second_word()
    {
        await using var visit = await browser.OpenAsync();
        await using var scene = await ControlScene.StartAsync();
        scene.Pool.Status =
            scene.Pool.Status! with { Workers = [ControlScene.Worker("w-1", WorkerPhase.Busy, ControlScene.Assigned("w-1", 7))] };
        var page = visit.Page;
        await page.GotoAsync(scene.Url.ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete w-1" }).ClickAsync();
        var sure = page.GetByRole(AriaRole.Dialog, new() { Name = "Sure?" });
        await Expect(sure).ToContainTextAsync("w-1 runs build. Deleting it loses that job.");
        await sure.GetByRole(AriaRole.Button, new() { Name = "No" }).ClickAsync();
        await Expect(sure).ToBeHiddenAsync();
        scene.Pool.Told.ShouldBeEmpty();

        await page.GetByRole(AriaRole.Button, new() { Name = "Delete w-1" }).ClickAsync();
        await sure.GetByRole(AriaRole.Button, new() { Name = "Yes" }).ClickAsync();
        // A write needs the token, on loopback too.
        await page.Locator("#token").FillAsync(ControlScene.OwnToken);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#said")).ToHaveTextAsync("done");
        scene.Pool.Told.OfType<FjBellows.Pool.PoolProtocol.DeleteWorker>().ShouldHaveSingleItem().Force.ShouldBeTrue();
    }

    [Fact]
    [Trait("Invariant", "S5")]
    public async Task What_a_job_is_called_is_text_and_nothing_else()
    {
        const string Name = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>";
        await using var visit = await browser.OpenAsync();
        await using var scene = await ControlScene.StartAsync();
        scene.Pool.Status =
            scene.Pool.Status! with { Waiting = [new(ControlScene.Job(7, Name), ControlScene.Noon, new WaitReason.Paused(Name))] };
        await visit.Page.GotoAsync(scene.Url.ToString());

        await Expect(visit.Page.Locator("#queue tbody th")).ToHaveTextAsync($"{Name} #7");
        await Expect(visit.Page.Locator("#queue tbody td").Last).ToHaveTextAsync($"paused by {Name}");
        (await visit.Page.Locator("img").CountAsync()).ShouldBe(0);
        (await visit.Page.TitleAsync()).ShouldStartWith("1 waiting");
    }

    [Fact]
    public async Task What_today_cost_stands_against_the_least_that_it_could_have()
    {
        await using var visit = await browser.OpenAsync();
        var history = new FjBellows.Pool.InMemoryHistory();
        await using var scene = await ControlScene.StartAsync(history: history);
        var job = ControlScene.Assigned("w-1", 7);
        await history.AppendAsync(
            new DispatchOutcome("default", "w-1", job, OutcomeKind.Completed, ControlScene.Noon, 0, ""), CancellationToken.None);
        scene.Pool.Status = scene.Pool.Status! with { Workers = [ControlScene.Worker("w-1"), ControlScene.Worker("w-2")] };

        var cost = (await scene.GetAsync("/api/v1/cost", FjBellows.Daemon.Control.Api.ControlJson.Default.IReadOnlyListCostInfo))
            .ShouldHaveSingleItem();
        (cost.Jobs, cost.BilledSeconds, cost.LeastBilledSeconds, cost.Ratio, cost.Money).ShouldBe((1, 7200, 3600, 2, 0.036m));

        await visit.Page.GotoAsync(scene.Url.ToString());
        await Expect(visit.Page.Locator("#cost-figures")).ToContainTextAsync("2 h 0 min");
        await Expect(visit.Page.Locator("#cost-figures")).ToContainTextAsync("2×");
    }

    [Fact]
    public async Task It_goes_on_after_the_daemon_was_away()
    {
        await using var visit = await browser.OpenAsync();
        await using var scene = await ControlScene.StartAsync();
        var page = visit.Page;
        await page.GotoAsync(scene.Url.ToString());
        await Expect(page.Locator("#live")).ToHaveTextAsync("live");

        await page.Context.SetOfflineAsync(true);
        await Expect(page.Locator("#health")).ToHaveTextAsync("away");
        await page.Context.SetOfflineAsync(false);

        await Expect(page.Locator("#health")).ToHaveTextAsync("ok");
    }
}
