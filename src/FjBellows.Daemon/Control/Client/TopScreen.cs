using FjBellows.Daemon.Control.Api;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FjBellows.Daemon.Control.Client;

/// <summary>Everything that a daemon says, on one screen.</summary>
internal static class TopScreen
{
    private const int EventsShown = 10;

    /// <summary>Draws until <c>q</c> or the cancellation, on a screen of its own.</summary>
    /// <param name="session">The daemon.</param>
    /// <param name="every">The pause between drawings.</param>
    public static async Task RunAsync(ClientSession session, TimeSpan every, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keys = WatchKeysAsync(end);

        // Asked once before the screen changes: who cannot be reached is named on the ordinary one.
        await DrawAsync(session.Client, cancellationToken).ConfigureAwait(false);
        AnsiConsole
            .AlternateScreen(
                () => ClientSession.DrawAsync(token => DrawAsync(session.Client, token), every, end.Token).GetAwaiter().GetResult());
        await end.CancelAsync().ConfigureAwait(false);
        await keys.ConfigureAwait(false);
    }

    /// <summary>The screen of now.</summary>
    /// <param name="client">The daemon.</param>
    public static async Task<IRenderable> DrawAsync(ControlClient client, CancellationToken cancellationToken)
    {
        var pools = await client.GetAsync(
            "api/v1/pools", ControlJson.Default.IReadOnlyListPoolInfo, cancellationToken).ConfigureAwait(false);
        var workers = await client.GetAsync(
            "api/v1/workers", ControlJson.Default.IReadOnlyListWorkerInfo, cancellationToken).ConfigureAwait(false);
        var jobs = await client.GetAsync("api/v1/jobs?limit=0", ControlJson.Default.JobsInfo, cancellationToken).ConfigureAwait(false);
        var events = await client.GetAsync(
            $"api/v1/events?follow=false&limit={EventsShown}", ControlJson.Default.IReadOnlyListEventInfo,
            cancellationToken).ConfigureAwait(false);
        return ConsoleTables.Screen(pools, workers, jobs, events, Now(pools));
    }

    /// <summary>The present by the daemon's clock: billed time is left by that one, and the client's may differ.</summary>
    /// <param name="client">The daemon.</param>
    public static async Task<DateTimeOffset> NowAsync(ControlClient client, CancellationToken cancellationToken) =>
        Now(await client.GetAsync("api/v1/pools", ControlJson.Default.IReadOnlyListPoolInfo, cancellationToken).ConfigureAwait(false));

    /// <summary>Without a pool there is no worker whose time could be counted.</summary>
    private static DateTimeOffset Now(IReadOnlyList<PoolInfo> pools) => pools.Select(p => p.At).DefaultIfEmpty().Max();

    private static async Task WatchKeysAsync(CancellationTokenSource end)
    {
        while (!end.IsCancellationRequested && !Console.IsInputRedirected)
        {
            if (Console.KeyAvailable && Console.ReadKey(intercept: true).KeyChar is 'q' or 'Q')
            {
                await end.CancelAsync().ConfigureAwait(false);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
