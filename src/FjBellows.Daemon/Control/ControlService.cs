using Akka.Actor;
using Akka.Hosting;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Control.Api;
using FjBellows.Hosting;
using FjBellows.Pool;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control;

/// <summary>Opens the control plane once the pools are started, and closes it before they end.</summary>
/// <param name="options">How it is served.</param>
/// <param name="pools">The pools.</param>
/// <param name="config">The configuration in force.</param>
/// <param name="history">The past.</param>
/// <param name="system">The actor system.</param>
/// <param name="root">The root actor.</param>
/// <param name="time">The clock.</param>
/// <param name="logs">Makes loggers.</param>
internal sealed class ControlService(
    ControlOptions options,
    IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> pools,
    Func<ConfigInfo> config,
    IPoolHistory history,
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
            var parts = new ControlParts(system, await root.GetAsync(cancellationToken).ConfigureAwait(false), pools, config, history, time, logs);
            _plane = await ControlPlane.StartAsync(options, parts, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new CommandException(
                ExitCode.Failure, $"the control plane cannot listen on {options.Listen}: {e.Message} Choose another address with -control-listen, or turn it off with -control-listen=off");
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
