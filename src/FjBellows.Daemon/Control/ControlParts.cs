using Akka.Actor;
using FjBellows.Daemon.Control.Api;
using FjBellows.Pool;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control;

/// <summary>What the control plane shows and steers.</summary>
/// <param name="System">The actor system.</param>
/// <param name="Root">The root actor.</param>
/// <param name="Pools">The pools as they were started.</param>
/// <param name="Config">The configuration in force.</param>
/// <param name="History">The past.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logs">Makes loggers.</param>
internal sealed record ControlParts(
    ActorSystem System,
    IActorRef Root,
    IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> Pools,
    Func<ConfigInfo> Config,
    IPoolHistory History,
    TimeProvider Time,
    ILoggerFactory Logs);
