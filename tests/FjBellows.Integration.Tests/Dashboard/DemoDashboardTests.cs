using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using FjBellows.Integration.Tests.Control;
using FjBellows.Integration.Tests.Daemon;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace FjBellows.Integration.Tests.Dashboard;

/// <summary>The dashboard of a running demo, in a real browser.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class DemoDashboardTests(Browser browser)
{
    /// <summary>Notes each state that a worker is shown in.</summary>
    private const string Watch = """
        window.seen = {};
        new MutationObserver(() => {
          for (const row of document.querySelectorAll('#workers > li')) {
            const states = window.seen[row.dataset.key] ??= [];
            if (states.at(-1) !== row.dataset.state) states.push(row.dataset.state);
          }
        }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-state'] });
        """;

    [Fact]
    public async Task It_shows_a_workers_life_pauses_and_resumes_and_asks_nobody_else()
    {
        await using var visit = await browser.OpenAsync();
        using var files = new DaemonFiles();
        using var demo = DaemonProcess.Start(
            "demo", "--jobs", "8", "--max", "2", "--speed", "2", "-control-token-file", files.Write("control-token", ControlScene.Token));
        var url = await UrlAsync(demo);
        var page = visit.Page;
        await page.AddInitScriptAsync(Watch);
        await page.GotoAsync(url);
        await Expect(page.Locator("#live")).ToHaveTextAsync("live");
        await Expect(page.Locator("#workers > li").First).ToBeVisibleAsync();

        // The bar tells in words what it shows. Asked for now: between two workers' lives there is none.
        await Expect(page.Locator("#workers svg.bar").First).ToHaveAttributeAsync("aria-label", BarText());

        // Pausing and resuming, by keyboard alone.
        var pause = page.GetByRole(AriaRole.Button, new() { Name = "Pause pool default" });
        await pause.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        // A write needs the token, on loopback too.
        await page.Locator("#token").FillAsync(ControlScene.Token);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#pools .problem")).ToContainTextAsync("paused by");
        (await page.APIRequest.GetAsync($"{url}/api/v1/pools")).Ok.ShouldBeTrue();
        (await PoolAsync(page, url)).ShouldContain("\"paused\":true");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume pool default" }).FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator("#pools .problem")).ToBeHiddenAsync();
        (await PoolAsync(page, url)).ShouldContain("\"paused\":false");

        // A log, as it is written.
        await page.Locator("#jobs tbody tr").First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator("#log")).Not.ToBeEmptyAsync();
        await Expect(page.Locator("#log-title")).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Close the log" }).ClickAsync();
        await Expect(page.Locator("#log-section")).ToBeHiddenAsync();

        // The demo goes on to its end: every worker is shown until it is gone. Here that takes milliseconds, too short to be seen on its
        // way out. It ends with its last worker, so that the page may lose it before it has been told.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        while (!await page.Locator("#no-workers").IsVisibleAsync() && await page.Locator("#live").TextContentAsync() != "reconnecting")
        {
            await Task.Delay(100, limit.Token);
        }

        var lives = await page.EvaluateAsync<Dictionary<string, string[]>>("window.seen");
        lives.Values.ShouldContain(life => life.Contains("busy") && life.Contains("idle"), Text(lives));
        lives.Values.SelectMany(l => l).ShouldContain("provisioning", Text(lives));

        visit.Requests.ShouldNotBeEmpty();
        visit.Requests.ShouldAllBe(r => r.StartsWith(url, StringComparison.Ordinal));
        visit.Complaints.Where(c => !c.Contains("ERR_CONNECTION_REFUSED", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1280)]
    [InlineData(ColorScheme.Dark, 1280)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task It_keeps_the_rules_of_accessibility_and_fits_a_phone(ColorScheme scheme, int width)
    {
        await using var visit =
            await browser.OpenAsync(o => (o.ColorScheme, o.ViewportSize) = (scheme, new() { Width = width, Height = 800 }));
        using var demo = DaemonProcess.Start("demo", "--jobs", "8", "--max", "2");
        var page = visit.Page;
        await page.GotoAsync(await UrlAsync(demo));
        // A worker boots before the first job runs.
        await Expect(page.Locator("#jobs tbody tr").First).ToBeVisibleAsync();
        await page.Locator("#jobs tbody tr").First.GetByRole(AriaRole.Button).ClickAsync();

        // Roles, names, labels, order of headings, contrast as it is computed.
        var axe = await page.RunAxe();
        axe.Violations.Select(v => $"{v.Id}: {v.Help}: {string.Join(" | ", v.Nodes.Select(n => n.Html))}").ShouldBeEmpty();
        axe.Passes.Select(p => p.Id).ShouldContain("color-contrast");

        (await page.EvaluateAsync<int>("document.documentElement.scrollWidth")).ShouldBeLessThanOrEqualTo(width);
        (await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"))
            .ShouldBe(scheme == ColorScheme.Dark ? "rgb(13, 17, 23)" : "rgb(255, 255, 255)");

        // Everything that can be clicked is reached by Tab, and shows it.
        var buttons = await page.Locator("button:visible").CountAsync();
        var reached = new HashSet<string>();
        for (var i = 0; i < buttons + 20; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            reached.Add(
                await page.EvaluateAsync<string>(
                    "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.slice(0, 40)"));
            (await page.EvaluateAsync<bool>(
                "document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== 'none'"))
                    .ShouldBeTrue();
        }

        reached.ShouldContain("Pause pool default");
        reached.ShouldContain("Reconcile");
    }

    /// <summary>Where a demo's control plane is.</summary>
    internal static async Task<string> UrlAsync(DaemonProcess demo)
    {
        for (var tries = 0; tries < 600; tries++)
        {
            if (Control().Match(demo.Output) is { Success: true } match)
            {
                return match.Groups[1].Value;
            }

            await Task.Delay(100);
        }

        throw new InvalidOperationException($"the demo never said where its control plane is:\n{demo.Output}\n{demo.Error}");
    }

    private static async Task<string> PoolAsync(IPage page, string url) =>
        await (await page.APIRequest.GetAsync($"{url}/api/v1/pools/default")).TextAsync();

    private static string Text(Dictionary<string, string[]> lives) =>
        string.Join('\n', lives.Select(l => $"{l.Key}: {string.Join(' ', l.Value)}"));

    [GeneratedRegex(@"^billing period \d+: .* of 20 s, .* of it with jobs")]
    private static partial Regex BarText();

    [GeneratedRegex(@"control plane is (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Control();
}
