using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Daemon.Hosting.Fence;
using FjBellows.Daemon.Providers;
using FjBellows.Forgejo;
using FjBellows.Jobs;
using FjBellows.Journal;
using FjBellows.Pool;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Hosting;

/// <summary>Turns a configuration into what pools work with.</summary>
internal static class PoolComposer
{
    /// <summary>How a pool sees Forgejo.</summary>
    public static ForgejoSettings ForgejoSettingsOf(BellowsConfig config, PoolSettings pool) => new()
    {
        Url = config.Forgejo.Url,
        Token = config.Forgejo.Token,
        Scope = config.Forgejo.Scope,
        Labels = pool.Labels,
        TrustedAuthorities = config.Forgejo.Authorities,
        Timeout = pool.Poll.RequestTimeout,
    };

    /// <summary>A pool's settings, with what the file says for all pools.</summary>
    public static PoolSettings SettingsOf(BellowsConfig config, PoolConfig pool) =>
        pool.Settings with
        {
            HistoryRetention = config.HistoryRetention,
            SingleUse = config.Worker.SingleUse,
            Siblings = config.Pools.Select(p => p.Settings.Ownership.Owner).Where(owner => owner != pool.Settings.Ownership.Owner)
                .ToHashSet(StringComparer.Ordinal),
        };

    /// <summary>Whose a pool is, for its journal (invariant O6).</summary>
    public static PoolIdentity IdentityOf(BellowsConfig config, PoolConfig pool) => new(
        pool.Settings.Name,
        pool.Settings.Ownership.Owner,
        pool.Settings.Ownership.Tag,
        pool.Provider.Name,
        pool.Provider.Account,
        config.Forgejo.Url.AbsoluteUri,
        config.Forgejo.Scope.ToString());

    /// <summary>The outside world of one pool. Nothing is called yet.</summary>
    /// <param name="stateDirectory">Where files may be kept.</param>
    /// <param name="history">Where the past is kept.</param>
    /// <param name="logs">Makes loggers.</param>
    /// <param name="metrics">Times the calls; null to time none.</param>
    /// <param name="lease">The pools' locks; null where the lock file alone keeps others out.</param>
    public static PoolPorts PortsOf(
        BellowsConfig config, PoolConfig pool, string stateDirectory, IPoolHistory history, ILoggerFactory logs, TimeProvider time,
        ControlMetrics? metrics, PoolLease? lease = null)
    {
        var parts = ProviderOf(config, pool, stateDirectory, logs, time, metrics, lease);
        var (queue, runners) = ForgejoOf(config, pool, time, metrics, logs, lease);
        return new PoolPorts(queue, runners, parts.Cloud, parts.Connector, history, new RandomWorkerNames());
    }

    /// <summary>Forgejo as one pool sees it.</summary>
    /// <param name="metrics">Times the calls; null to time none.</param>
    /// <param name="logs">Makes loggers; null for none.</param>
    /// <param name="lease">The pools' locks; null where the lock file alone keeps others out.</param>
    public static (IJobQueue Queue, IRunnerRegistry Runners) ForgejoOf(
        BellowsConfig config, PoolConfig pool, TimeProvider time, ControlMetrics? metrics, ILoggerFactory? logs = null,
        PoolLease? lease = null)
    {
        var forgejo = new ForgejoClient(ForgejoSettingsOf(config, pool.Settings), time, logs?.CreateLogger<ForgejoClient>());
        var measured = metrics is null ? null : new MeasuredForgejo(forgejo, forgejo, metrics);
        IRunnerRegistry runners = measured is null ? forgejo : measured;
        return (measured is null ? forgejo : measured, lease is null ? runners : new FencedRunners(runners, lease));
    }

    /// <summary>The provider of one pool, and the way to its workers.</summary>
    /// <param name="stateDirectory">Where files may be kept.</param>
    /// <param name="logs">Makes loggers.</param>
    /// <param name="metrics">Times the calls; null to time none.</param>
    /// <param name="lease">The pools' locks; null where the lock file alone keeps others out.</param>
    public static ProviderParts ProviderOf(
        BellowsConfig config, PoolConfig pool, string stateDirectory, ILoggerFactory logs, TimeProvider time, ControlMetrics? metrics,
        PoolLease? lease = null)
    {
        var parts = pool.Provider.Create(new ProviderContext(config, pool.Settings, stateDirectory, logs, time));
        if (metrics is not null)
        {
            parts = parts with { Cloud = MeasuredCloud.Of(parts.Cloud, metrics) };
        }

        return lease is null ? parts : new ProviderParts(new FencedCloud(parts.Cloud, lease), new FencedConnector(parts.Connector, lease));
    }
}
