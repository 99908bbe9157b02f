using System.Runtime.CompilerServices;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Control;
using FjBellows.Daemon.Control.Events;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Hosting.Fence;
using FjBellows.Daemon.Providers;
using FjBellows.Dispatch;
using FjBellows.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog.Extensions.Logging;

namespace FjBellows.Daemon.Commands;

/// <summary>The daemon.</summary>
internal static class RunCommand
{
    /// <summary>Runs until a signal, or until it fails.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="modules">The providers that there are.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    /// <exception cref="CommandException">It cannot start.</exception>
    public static async Task<int> RunAsync(DaemonOptions options, ProviderModules modules)
    {
        ControlOptions.Of(options, null);
        var (config, root, warnings) = Load(options, modules);
        await using var log = DaemonLog.Open(options.LogFormat ?? config.Log.Format, options.LogLevel ?? config.Log.Level);
        using var logs = new SerilogLoggerFactory(log);
        foreach (var warning in warnings)
        {
            log.Warning("{Place}: {Problem}; {Fix}", warning.Place, warning.Message, warning.Fix);
        }

        var right = new DecisionRight(options.Standby, TimeProvider.System, log);
        var (stop, signals) = DecisionRight.Signals();
        DaemonLock daemonLock;
        PoolLease? lease;
        try
        {
            daemonLock = await right.TakeFileAsync(options.LockFile, stop.Token).ConfigureAwait(false);
            lease = LeaseOf(config, logs);
            await right.TakeAsync(lease, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            log.Information("stopped while standing by");
            return (int)ExitCode.Ok;
        }
        finally
        {
            signals.Dispose();
            stop.Dispose();
        }

        await using var heldLease = lease;
        using var heldLock = daemonLock;
        var state = StateDirectory.Find(options.StateDirectory, config.State.Directory, Environment.GetEnvironmentVariable);
        StateDirectory.Prepare(state);
        var control = ControlOptions.Of(options, state);
        var journal = await OpenJournalAsync(config, state).ConfigureAwait(false);
        await ClaimAsync(options, config, journal).ConfigureAwait(false);
        var history = new SqlHistory(journal);
        var metrics = control is null ? null : new ControlMetrics();
        var pools = Compose(config, state, history, logs, metrics, lease);
        using var reloader = new Reloader(options, modules, state, logs, TimeProvider.System, metrics, lease);
        reloader.Begin(config, root, pools);

        using var host = DaemonHost.Build(
            journal,
            pools,
            log,
            services =>
            {
                services.AddSingleton(options);
                services.AddSingleton<IHostLifetime, DaemonLifetime>();
                if (lease is not null)
                {
                    services.AddHostedService(provider => ActivatorUtilities.CreateInstance<LeaseWatch>(provider, lease));
                }
            },
            services =>
            {
                services.AddHostedService(provider => ActivatorUtilities.CreateInstance<DecisionService>(provider, history));
                services.AddHostedService(provider => ActivatorUtilities.CreateInstance<ReloadOnSignal>(provider, reloader));
                if (config.OtlpEndpoint is { } endpoint)
                {
                    TraceJobs(services, endpoint);
                }

                if (control is not null)
                {
                    services.AddHostedService(
                        provider => ActivatorUtilities.CreateInstance<ControlService>(provider, control, reloader, history, metrics!));
                }
            });
        var lifetime = (DaemonLifetime)host.Services.GetRequiredService<IHostLifetime>();
        try
        {
            await host.RunAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (lifetime.WasAsked)
        {
            // Asked to stop while it was still starting: what had begun is restored at the next start, as after a kill.
        }

        if (lease?.Taken.IsCompleted == true)
        {
            return (int)ExitCode.Locked;
        }

        if (lifetime.WasAsked)
        {
            log.Information("stopped");
            return (int)ExitCode.Ok;
        }

        log.Error("the daemon stopped unexpectedly; see the log lines above");
        return (int)ExitCode.Failure;
    }

    // A method of its own, so that OpenTelemetry is not loaded where nothing is traced.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void TraceJobs(IServiceCollection services, Uri endpoint) =>
        services.AddHostedService(provider => ActivatorUtilities.CreateInstance<JobTraces>(provider, endpoint));

    private static (BellowsConfig Config, ConfigMap Root, IReadOnlyList<Finding> Warnings) Load(
        DaemonOptions options, ProviderModules modules)
    {
        var loaded = ConfigLoader.LoadFile(options.ConfigFile, modules);
        if (loaded.Config is not { } config)
        {
            throw new CommandException(ExitCode.Usage, $"the configuration cannot be used:\n{string.Join('\n', loaded.Findings)}");
        }

        if (options.RunnerVersion is not { } version)
        {
            return (config, loaded.Root!, loaded.Findings);
        }

        return RunnerVersion.Problem(version) is { } problem
            ? throw new CommandException(ExitCode.Usage, $"-runner-version: {problem.Message}; {problem.Fix}")
            : (config with { Runner = config.Runner with { Version = version } }, loaded.Root!, loaded.Findings);
    }

    /// <summary>Opens the journal, or says what is wrong with it.</summary>
    /// <param name="state">The state directory.</param>
    /// <exception cref="CommandException">It cannot be used.</exception>
    internal static async Task<JournalSettings> OpenJournalAsync(BellowsConfig config, string state)
    {
        try
        {
            var settings = config.State.Connection is { } connection
                ? JournalSettings.PostgreSql(connection)
                : JournalSettings.Sqlite(state);
            await JournalCheck.PrepareAsync(settings, CancellationToken.None).ConfigureAwait(false);
            return settings;
        }
        catch (JournalException e)
        {
            throw new CommandException(e.Kind == JournalErrorKind.Settings ? ExitCode.Usage : ExitCode.State, e.Message);
        }
    }

    /// <summary>The locks of the pools, where the journal is in a database server.</summary>
    private static PoolLease? LeaseOf(BellowsConfig config, ILoggerFactory logs)
    {
        try
        {
            return config.State.Connection is { } connection
                ? PoolLease.Of(
                    JournalSettings.PostgreSql(connection), config.Pools.Select(p => p.Settings.Name), DecisionRight.Holder,
                    TimeProvider.System, logs.CreateLogger<PoolLease>())
                : null;
        }
        catch (JournalException e)
        {
            throw new CommandException(ExitCode.Usage, e.Message);
        }
    }

    /// <summary>Refuses a configuration that would leave workers of the journal behind (invariant O6).</summary>
    private static async Task ClaimAsync(DaemonOptions options, BellowsConfig config, JournalSettings journal)
    {
        try
        {
            await new JournalOwners(journal).ClaimAsync(
                [.. config.Pools.Select(p => PoolComposer.IdentityOf(config, p))], options.AdoptPools, options.ForgetPools,
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (JournalException e)
        {
            throw new CommandException(ExitCode.State, e.Message);
        }
    }

    /// <summary>The pools of a configuration with their outside worlds.</summary>
    /// <param name="state">The state directory.</param>
    /// <param name="history">Where the past is kept.</param>
    /// <param name="logs">Makes loggers.</param>
    /// <param name="metrics">Times calls; null to time none.</param>
    /// <param name="lease">The pools' locks; null where the lock file alone keeps others out.</param>
    /// <exception cref="CommandException">A key file cannot be read, or the like.</exception>
    internal static IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> Compose(
        BellowsConfig config, string state, IPoolHistory history, ILoggerFactory logs, ControlMetrics? metrics, PoolLease? lease = null)
    {
        try
        {
            return [.. config.Pools
                .Select(pool =>
                    (PoolComposer.SettingsOf(config, pool), PoolComposer.PortsOf(
                        config, pool, state, history, logs, TimeProvider.System, metrics, lease)))];
        }
        catch (Exception e) when (e is SessionException or ArgumentException)
        {
            throw new CommandException(ExitCode.Usage, e.Message);
        }
    }
}
