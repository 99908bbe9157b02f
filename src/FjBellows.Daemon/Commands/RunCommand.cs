using System.Diagnostics.CodeAnalysis;
using Akka.Hosting;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Providers;
using FjBellows.Dispatch;
using FjBellows.Hosting;
using FjBellows.Journal;
using FjBellows.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Logging;

namespace FjBellows.Daemon.Commands;

/// <summary>The daemon.</summary>
internal static class RunCommand
{
    private const string Hocon = """
        # The signals are ours (invariant R4): a hook of Akka's would hold up the exit that a second one asks for.
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """;

    /// <summary>Runs until a signal, or until it fails.</summary>
    /// <param name="options">The command line.</param>
    /// <param name="modules">The providers that there are.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    /// <exception cref="CommandException">It cannot start.</exception>
    public static async Task<int> RunAsync(DaemonOptions options, ProviderModules modules)
    {
        var (config, warnings) = Load(options, modules);
        await using var log = DaemonLog.Open(options.LogFormat ?? config.Log.Format, options.LogLevel ?? config.Log.Level);
        using var logs = new SerilogLoggerFactory(log);
        foreach (var warning in warnings)
        {
            log.Warning("{Place}: {Problem}; {Fix}", warning.Place, warning.Message, warning.Fix);
        }

        using var daemonLock = DaemonLock.Take(options.LockFile);
        var state = StateDirectory.Find(options.StateDirectory, config.State.Directory, Environment.GetEnvironmentVariable);
        StateDirectory.Prepare(state);
        var journal = await OpenJournalAsync(config, state).ConfigureAwait(false);
        var pools = Compose(config, state, new SqlHistory(journal), logs);

        using var host = Build(options, config, journal, pools, log);
        var lifetime = (DaemonLifetime)host.Services.GetRequiredService<IHostLifetime>();
        await host.RunAsync().ConfigureAwait(false);
        if (lifetime.WasAsked)
        {
            log.Information("stopped");
            return (int)ExitCode.Ok;
        }

        log.Error("the daemon ended by itself; the lines above say why");
        return (int)ExitCode.Failure;
    }

    private static (BellowsConfig Config, IReadOnlyList<Finding> Warnings) Load(DaemonOptions options, ProviderModules modules)
    {
        var loaded = ConfigLoader.LoadFile(options.ConfigFile, modules);
        if (loaded.Config is not { } config)
        {
            throw new CommandException(ExitCode.Usage, $"the configuration cannot be used:\n{string.Join('\n', loaded.Findings)}");
        }

        if (ControlAddress.Problem(options.ControlListen, options.ControlTokenFile) is { } control)
        {
            throw new CommandException(ExitCode.Usage, $"{control.Message}; {control.Fix}");
        }

        if (options.RunnerVersion is not { } version)
        {
            return (config, loaded.Findings);
        }

        return RunnerVersion.Problem(version) is { } problem
            ? throw new CommandException(ExitCode.Usage, $"-runner-version: {problem.Message}; {problem.Fix}")
            : (config with { Runner = config.Runner with { Version = version } }, loaded.Findings);
    }

    private static async Task<JournalSettings> OpenJournalAsync(BellowsConfig config, string state)
    {
        try
        {
            var settings = config.State.Connection is { } connection ? JournalSettings.PostgreSql(connection) : JournalSettings.Sqlite(state);
            await JournalCheck.PrepareAsync(settings, CancellationToken.None).ConfigureAwait(false);
            return settings;
        }
        catch (JournalException e)
        {
            throw new CommandException(e.Kind == JournalErrorKind.Settings ? ExitCode.Usage : ExitCode.State, e.Message);
        }
    }

    private static IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> Compose(BellowsConfig config, string state, IPoolHistory history, ILoggerFactory logs)
    {
        try
        {
            return [.. config.Pools.Select(pool => (pool.Settings, PoolComposer.PortsOf(config, pool, state, history, logs, TimeProvider.System)))];
        }
        catch (Exception e) when (e is SessionException or ArgumentException)
        {
            throw new CommandException(ExitCode.Usage, e.Message);
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "The host disposes of its services.")]
    private static IHost Build(DaemonOptions options, BellowsConfig config, JournalSettings journal, IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> pools, Serilog.ILogger log)
    {
        // No default sources: appsettings.json and environment variables of other programs are none of ours, and reading them costs time.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "fj-bellows" });
        builder.Services.AddSerilog(log);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton<IHostLifetime, DaemonLifetime>();
        builder.Services.AddSingleton(pools[0].Ports.History);
        builder.Services.AddSingleton(new HistoryRetention(config.HistoryRetention));
        builder.Services.AddAkka("fj-bellows", akka => akka
            .AddHocon(Hocon, HoconAddMode.Prepend)
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
                loggers.LogLevel = log.IsEnabled(Serilog.Events.LogEventLevel.Debug) ? Akka.Event.LogLevel.DebugLevel : Akka.Event.LogLevel.InfoLevel;
            })
            .WithBellowsJournal(journal)
            .WithFjBellows(bellows =>
            {
                foreach (var (settings, ports) in pools)
                {
                    bellows.AddPool(settings, _ => ports);
                }
            }));
        builder.Services.AddHostedService<HistoryPruner>();
        return builder.Build();
    }
}
