using FjBellows.Journal;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Hosting.Fence;

/// <summary>Ends the daemon when another one has taken the pools over (invariant O5). Jobs run on, and the other daemon follows
/// them.</summary>
/// <param name="lease">The locks.</param>
/// <param name="host">The host's life.</param>
/// <param name="log">Takes the reason.</param>
internal sealed class LeaseWatch(PoolLease lease, IHostApplicationLifetime host, ILogger<LeaseWatch> log) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var holder = await lease.Taken.WaitAsync(stoppingToken).ConfigureAwait(false);
            log.TakenOver(holder.ToString());
            host.StopApplication();
        }
        catch (OperationCanceledException)
        {
            // The daemon stops for another reason.
        }
    }
}
