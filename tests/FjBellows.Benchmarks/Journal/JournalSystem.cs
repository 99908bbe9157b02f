using Akka.Actor;
using Akka.Hosting;
using FjBellows.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FjBellows.Benchmarks.Journal;

/// <summary>An actor system with the production journal and nothing else.</summary>
internal sealed class JournalSystem : IAsyncDisposable
{
    private static readonly TimeSpan Timeouts = TimeSpan.FromSeconds(60);
    private readonly IHost _host;

    private JournalSystem(IHost host) => _host = host;

    public static async Task<JournalSystem> StartAsync(string directory)
    {
        var settings = JournalSettings.Sqlite(directory);
        await JournalCheck.PrepareAsync(settings, CancellationToken.None).ConfigureAwait(false);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddAkka(
            "journal", akka => akka.AddHocon("akka.loglevel = WARNING", HoconAddMode.Prepend).WithBellowsJournal(settings));
        var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        return new JournalSystem(host);
    }

    /// <summary>An actor that writes under an id.</summary>
    public IActorRef Writer(string persistenceId) =>
        _host.Services.GetRequiredService<ActorSystem>().ActorOf(Props.Create(() => new Writer(persistenceId)));

    /// <summary>Writes events in one go.</summary>
    public static Task WriteAsync(IActorRef writer, params object[] events) =>
        writer.Ask<Writer.Written>((IReadOnlyList<object>)events, Timeouts);

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().ConfigureAwait(false);
        await ((IAsyncDisposable)_host).DisposeAsync().ConfigureAwait(false);
    }
}
