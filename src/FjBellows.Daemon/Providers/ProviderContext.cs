using FjBellows.Daemon.Configuration;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Providers;

/// <summary>What a provider is made from.</summary>
/// <param name="Config">The whole configuration.</param>
/// <param name="Pool">The pool it serves.</param>
/// <param name="StateDirectory">Where files may be kept.</param>
/// <param name="Logs">Makes loggers.</param>
internal sealed record ProviderContext(
    BellowsConfig Config, PoolSettings Pool, string StateDirectory, ILoggerFactory Logs, TimeProvider Time);
