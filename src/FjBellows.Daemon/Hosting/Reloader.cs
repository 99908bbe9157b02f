using Akka.Actor;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Daemon.Providers;
using FjBellows.Hosting;
using FjBellows.Journal;
using FjBellows.Pool;
using FjBellows.Workers;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Hosting;

/// <summary>Holds the configuration in force, and reads it again on an operator's word: all of a new file comes into force, or
/// nothing.</summary>
/// <param name="options">The command line.</param>
/// <param name="modules">The providers.</param>
/// <param name="state">The state directory.</param>
/// <param name="logs">Makes loggers.</param>
/// <param name="metrics">Times calls; null to time none.</param>
/// <param name="lease">The pools' locks; null where the lock file alone keeps others out.</param>
internal sealed class Reloader(
    DaemonOptions options, ProviderModules modules, string state, ILoggerFactory logs, TimeProvider time, ControlMetrics? metrics,
    PoolLease? lease = null) : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly ILogger _log = logs.CreateLogger<Reloader>();
    private volatile InForce? _now;

    /// <summary>The active configuration with secrets masked.</summary>
    public ConfigInfo Shown => Now.Shown;

    /// <summary>The pools with their settings and what they work with.</summary>
    public IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> Pools => Now.Pools;

    private InForce Now => _now ?? throw new InvalidOperationException("no configuration is active yet");

    /// <summary>Takes what the daemon was started with.</summary>
    /// <param name="root">What the file says.</param>
    public void Begin(BellowsConfig config, ConfigMap root, IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> pools) =>
        _now = new InForce(config, root, pools, ControlConfig.Of(options.ConfigFile, root, modules, time.GetUtcNow()));

    /// <summary>Reads the file again.</summary>
    /// <param name="bellows">The root actor.</param>
    /// <param name="by">Who asked.</param>
    public async Task<ReloadInfo> ReloadAsync(IActorRef bellows, string by)
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            var answer = await TryAsync(bellows, by).ConfigureAwait(false);
            _log.Log(answer.Done ? LogLevel.Information : LogLevel.Warning, "reload requested by {Caller}: {Message}", by, answer.Message);
            return answer;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _one.Dispose();

    private async Task<ReloadInfo> TryAsync(IActorRef bellows, string by)
    {
        var before = Now;
        var loaded = ConfigLoader.LoadFile(options.ConfigFile, modules);
        if (loaded is not { Config: { } config, Root: { } root })
        {
            var wrong = loaded.Findings.Where(f => f.Severity == Severity.Error).Select(f => f.ToString()).ToArray();
            return new ReloadInfo(false, $"nothing changed: {options.ConfigFile} is invalid: {string.Join("; ", wrong)}", [], wrong);
        }

        var plan = ReloadPlan.Between(before.Root, root, before.Config, config, modules);
        if (plan.Refused.Count > 0)
        {
            return new ReloadInfo(
                false, $"nothing changed: {string.Join(", ", plan.Refused)} can change only with a restart of the daemon; running jobs " +
                    $"continue through a restart", plan.Changed, plan.Refused);
        }

        if (plan.Changed.Count == 0)
        {
            return new ReloadInfo(true, "the configuration has not changed", [], []);
        }

        (PoolSettings Settings, PoolPorts Ports)[] pools;
        try
        {
            pools = [.. config.Pools.Select((pool, i) => (PoolComposer.SettingsOf(config, pool), PortsOf(config, pool, before, i)))];
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return new ReloadInfo(false, $"nothing changed: {e.Message}", plan.Changed, [e.Message]);
        }

        // Everything that can fail was done above. A pool that is silent now keeps its old settings until the next reload or restart, and
        // is named.
        var silent = new List<string>();
        foreach (var (settings, ports) in pools)
        {
            try
            {
                var found = await bellows.Ask<BellowsProtocol.PoolFound>(
                    new BellowsProtocol.FindPool(settings.Name), AnswerLimit).ConfigureAwait(false);
                if (await found.Pool.Ask<object>(
                    new PoolProtocol.ChangeSettings(settings, ports, by),
                    AnswerLimit).ConfigureAwait(false) is CommandRefused refused)
                {
                    silent.Add(refused.Why);
                }
            }
            catch (AskTimeoutException)
            {
                silent.Add($"pool {settings.Name} does not answer");
            }
        }

        if (silent.Count > 0)
        {
            return new ReloadInfo(
                false, $"not applied to all pools: {string.Join("; ", silent)}; reload again when /api/v1/health is ok", plan.Changed,
                silent);
        }

        _now = new InForce(config, root, pools, ControlConfig.Of(options.ConfigFile, root, modules, time.GetUtcNow()));
        return new ReloadInfo(true, $"in force: {string.Join(", ", plan.Changed)}", plan.Changed, []);
    }

    /// <summary>Forgejo is seen with the new token and labels. The provider is another one only if its token is: it may know things of its
    /// own.</summary>
    private PoolPorts PortsOf(BellowsConfig config, PoolConfig pool, InForce before, int index)
    {
        var old = before.Pools[index].Ports;
        var (queue, runners) = PoolComposer.ForgejoOf(config, pool, time, metrics, lease: lease);
        return before.Config.Pools[index].Provider.Secrets.SequenceEqual(pool.Provider.Secrets)
            ? old with { Queue = queue, Runners = runners }
            : old with
            {
                Queue = queue,
                Runners = runners,
                Cloud = PoolComposer.ProviderOf(config, pool, state, logs, time, metrics, lease).Cloud,
            };
    }

    private sealed record InForce(
        BellowsConfig Config, ConfigMap Root, IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> Pools, ConfigInfo Shown);
}
