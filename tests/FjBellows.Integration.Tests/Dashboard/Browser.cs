using Microsoft.Playwright;

namespace FjBellows.Integration.Tests.Dashboard;

/// <summary>Debian's Chromium, started once for the tests that look at the dashboard.</summary>
[Needs(Part.Chromium)]
public sealed class Browser : IAsyncLifetime
{
    private static readonly SemaphoreSlim Starting = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>A page in a profile of its own, and everything that it does.</summary>
    public async Task<Visit> OpenAsync(Action<BrowserNewContextOptions>? choose = null)
    {
        await Starting.WaitAsync();
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            Assertions.SetDefaultExpectTimeout(60_000);
            // The tests run as root, for whom Chromium's own sandbox does not work.
            _browser ??= await _playwright.Chromium.LaunchAsync(
                new() { ExecutablePath = PartCatalog.PathOf(Part.Chromium), Args = ["--no-sandbox", "--disable-gpu"] });
        }
        finally
        {
            Starting.Release();
        }

        var options = new BrowserNewContextOptions();
        choose?.Invoke(options);
        var context = await _browser.NewContextAsync(options);
        context.SetDefaultTimeout(60_000);
        return new Visit(context, await context.NewPageAsync());
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

/// <summary>The tests that share the browser.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserCollection : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}

/// <summary>One page, what it asked for and what it complained of.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    internal Visit(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Request += (_, request) => Note(Requests, request.Url);
        page.Console += (_, message) => Note(Complaints, message.Type is "error" or "warning" ? message.Text : null);
        page.PageError += (_, error) => Note(Complaints, error);
    }

    public IPage Page { get; }

    public List<string> Requests { get; } = [];

    public List<string> Complaints { get; } = [];

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private static void Note(List<string> list, string? text)
    {
        lock (list)
        {
            if (text is not null)
            {
                list.Add(text);
            }
        }
    }
}
