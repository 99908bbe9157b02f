using Akka.Actor;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Metrics;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control;

/// <summary>What the control plane shows and steers.</summary>
/// <param name="System">The actor system.</param>
/// <param name="Root">The root actor.</param>
/// <param name="Pools">The pools with their settings and what they work with now; there are the same ones as long as the daemon
/// runs.</param>
/// <param name="Config">The configuration in force.</param>
/// <param name="Reload">Reads the configuration again, on the word of somebody.</param>
/// <param name="History">The past.</param>
/// <param name="Metrics">What is counted.</param>
/// <param name="Logs">Makes loggers.</param>
internal sealed record ControlContext(
    ActorSystem System,
    IActorRef Root,
    Func<IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)>> Pools,
    Func<ConfigInfo> Config,
    Func<string, Task<ReloadInfo>> Reload,
    IPoolHistory History,
    ControlMetrics Metrics,
    TimeProvider Time,
    ILoggerFactory Logs);
