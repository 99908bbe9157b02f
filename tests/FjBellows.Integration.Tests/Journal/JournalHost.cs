using Akka.Actor;
using Akka.Hosting;
using FjBellows.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Integration.Tests.Journal;

/// <summary>One life of a process with a journal: an actor system that is started on it and stopped again.</summary>
internal sealed class JournalHost : IAsyncDisposable
{
    public static readonly TimeSpan Timeouts = TimeSpan.FromMinutes(2);
    private readonly IHost _host;

    private JournalHost(IHost host) => _host = host;

    public ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public static async Task<JournalHost> StartAsync(JournalSettings settings)
    {
        await JournalCheck.PrepareAsync(settings, CancellationToken.None);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Critical);
        builder.Services.AddAkka("journal", (akka, _) => akka
            .AddHocon("akka.loglevel = OFF", HoconAddMode.Prepend)
            .WithBellowsJournal(settings));
        var host = builder.Build();
        await host.StartAsync();
        return new JournalHost(host);
    }

    public async Task<IActorRef> ScribeAsync(string persistenceId)
    {
        var inbox = Inbox.Create(System);
        var scribe = System.ActorOf(Props.Create(() => new Scribe(persistenceId, inbox.Receiver)));
        (await inbox.ReceiveAsync(Timeouts)).ShouldBeOfType<Scribe.Recovered>();
        return scribe;
    }

    /// <summary>What an actor says that cannot come to life.</summary>
    public async Task<Scribe.Refused> UnreadableAsync(string persistenceId)
    {
        var inbox = Inbox.Create(System);
        System.ActorOf(Props.Create(() => new Scribe(persistenceId, inbox.Receiver)));
        return (await inbox.ReceiveAsync(Timeouts)).ShouldBeOfType<Scribe.Refused>();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}
