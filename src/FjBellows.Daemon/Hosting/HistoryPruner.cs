using FjBellows.Pool;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Hosting;

/// <summary>For how long the past is kept.</summary>
/// <param name="Time"><c>history.retention</c>.</param>
internal sealed record HistoryRetention(TimeSpan Time);

/// <summary>Forgets, once an hour, what ended longer ago than <c>history.retention</c> (invariant R7).</summary>
/// <param name="history">The past.</param>
/// <param name="retention">How long it is kept.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Takes failures.</param>
internal sealed class HistoryPruner(IPoolHistory history, HistoryRetention retention, TimeProvider time, ILogger<HistoryPruner> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await history.PruneAsync(time.GetUtcNow() - retention.Time, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning("the history could not be pruned and keeps growing until the next try in an hour: {Reason}", e.Message);
            }
        }
    }
}
