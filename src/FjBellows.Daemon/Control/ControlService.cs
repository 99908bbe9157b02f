using Akka.Actor;
using Akka.Hosting;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Daemon.Hosting;
using FjBellows.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control;

/// <summary>Opens the control plane once the pools are started, and closes it before they end.</summary>
/// <param name="options">How it is served.</param>
/// <param name="reloader">The configuration in force.</param>
/// <param name="history">The past.</param>
/// <param name="metrics">What is counted.</param>
/// <param name="system">The actor system.</param>
/// <param name="root">The root actor.</param>
/// <param name="logs">Makes loggers.</param>
internal sealed class ControlService(
    ControlOptions options,
    Reloader reloader,
    IPoolHistory history,
    ControlMetrics metrics,
    ActorSystem system,
    IRequiredActor<BellowsKey> root,
    TimeProvider time,
    ILoggerFactory logs) : IHostedService
{
    private ControlPlane? _plane;

    /// <summary>Where it listens; empty before it does.</summary>
    public string Url => _plane?.Url ?? "";

    /// <inheritdoc />
    /// <exception cref="CommandException">It cannot listen there.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var bellows = await root.GetAsync(cancellationToken).ConfigureAwait(false);
            var parts = new ControlContext(
                system, bellows, () => reloader.Pools, () => reloader.Shown, by => reloader.ReloadAsync(bellows, by), history, metrics,
                time, logs);
            _plane = await ControlPlane.StartAsync(options, parts, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CommandException(
                ExitCode.Failure,
                $"the control plane cannot listen on " +
                $"{(options.Socket is { } socket ? $"{options.Listen} and {socket}" : options.Listen)}: {e.Message} Choose another " +
                $"address with -control-listen or another socket with --control-socket, or turn it off with -control-listen=off");
        }
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_plane is { } plane)
        {
            await plane.DisposeAsync().ConfigureAwait(false);
        }
    }
}
