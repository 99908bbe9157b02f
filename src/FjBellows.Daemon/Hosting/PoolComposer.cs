using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Providers;
using FjBellows.Forgejo;
using FjBellows.Pool;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Hosting;

/// <summary>Turns a configuration into what pools work with.</summary>
internal static class PoolComposer
{
    /// <summary>How a pool sees Forgejo.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="pool">The pool.</param>
    public static ForgejoSettings ForgejoSettingsOf(BellowsConfig config, PoolSettings pool) => new()
    {
        Url = config.Forgejo.Url,
        Token = config.Forgejo.Token,
        Scope = config.Forgejo.Scope,
        Labels = pool.Labels,
        Timeout = pool.Poll.RequestTimeout,
    };

    /// <summary>What a pool is told, with what the file says for all pools.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="pool">The pool.</param>
    public static PoolSettings SettingsOf(BellowsConfig config, PoolConfig pool) =>
        pool.Settings with { HistoryRetention = config.HistoryRetention, SingleUse = config.Worker.SingleUse };

    /// <summary>The outside world of one pool. Nothing is called yet.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="stateDirectory">Where files may be kept.</param>
    /// <param name="history">Where the past is kept.</param>
    /// <param name="logs">Makes loggers.</param>
    /// <param name="time">The clock.</param>
    public static PoolPorts PortsOf(BellowsConfig config, PoolConfig pool, string stateDirectory, IPoolHistory history, ILoggerFactory logs, TimeProvider time)
    {
        var forgejo = new ForgejoClient(ForgejoSettingsOf(config, pool.Settings), time);
        var parts = pool.Provider.Create(new ProviderContext(config, pool.Settings, stateDirectory, logs, time));
        return new PoolPorts(forgejo, forgejo, parts.Cloud, parts.Connector, history, new RandomWorkerNames());
    }
}
