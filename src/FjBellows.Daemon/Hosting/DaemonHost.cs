using System.Diagnostics.CodeAnalysis;
using Akka.Hosting;
using FjBellows.Hosting;
using FjBellows.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serilog;

namespace FjBellows.Daemon.Hosting;

/// <summary>Puts the host together: log, journal, pools. The daemon and the demo differ only in how they end.</summary>
internal static class DaemonHost
{
    /// <summary>What differs from Akka's own settings.</summary>
    internal const string Hocon = """
        # The signals are ours: a hook of Akka's would hold up the exit that a second one asks for.
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        # Every tick wakes two threads, whether anything is due or not. At Akka's 10 ms that is most of what an idle daemon costs.
        akka.scheduler.tick-duration = 100ms
        """;

    /// <summary>Makes the host; nothing runs yet.</summary>
    /// <param name="journal">The journal, prepared.</param>
    /// <param name="pools">The pools with their outside worlds.</param>
    /// <param name="services">Adds what the program itself needs, its lifetime first of all.</param>
    /// <param name="later">Adds services that start after the actors.</param>
    [SuppressMessage("Reliability", "CA2000", Justification = "The host disposes of its services.")]
    public static IHost Build(
        JournalSettings journal,
        IReadOnlyList<(PoolSettings Settings, PoolPorts Ports)> pools,
        Serilog.ILogger log,
        Action<IServiceCollection> services,
        Action<IServiceCollection>? later = null)
    {
        // No default sources: appsettings.json and environment variables of other programs are none of ours, and reading them costs time.
        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = "fj-bellows" });
        builder.Services.AddSerilog(log);
        builder.Services.AddSingleton(TimeProvider.System);
        services(builder.Services);
        builder.Services.AddAkka("fj-bellows", akka => akka
            .AddHocon(Hocon, HoconAddMode.Prepend)
            .ConfigureLoggers(loggers =>
            {
                loggers.ClearLoggers();
                loggers.AddLoggerFactory();
                loggers.LogLevel = log.IsEnabled(Serilog.Events.LogEventLevel.Debug)
                    ? Akka.Event.LogLevel.DebugLevel
                    : Akka.Event.LogLevel.InfoLevel;
            })
            .WithBellowsJournal(journal)
            .WithFjBellows(bellows =>
            {
                foreach (var (settings, ports) in pools)
                {
                    bellows.AddPool(settings, _ => ports);
                }
            }));
        // Services start in the order in which they are added, and stop in the opposite one.
        later?.Invoke(builder.Services);
        builder.Services.AddHostedService<StartMemory>();
        return builder.Build();
    }
}
