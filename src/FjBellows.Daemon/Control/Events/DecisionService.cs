using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using FjBellows.Pool;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FjBellows.Daemon.Control.Events;

/// <summary>Keeps what the pools decide, whether anybody listens or not: a later start with a listener can explain it.</summary>
/// <param name="history">Where it is kept.</param>
/// <param name="system">The actor system.</param>
/// <param name="logs">Makes loggers.</param>
[SuppressMessage("Reliability", "CA1001", Justification = "It is disposed of when the service stops.")]
internal sealed class DecisionService(INoticeHistory history, ActorSystem system, TimeProvider time, ILoggerFactory logs) : IHostedService
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private DecisionLog? _log;
    private IActorRef? _actor;

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        var log = _log = new DecisionLog(history, time, logs.CreateLogger<DecisionLog>());
        _actor = system.ActorOf(Props.Create(() => new Watcher(log)));
        system.EventStream.Subscribe(_actor, typeof(PoolNotice));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_actor is { } actor)
        {
            system.EventStream.Unsubscribe(actor);
            await Task.WhenAny(actor.GracefulStop(Moment)).ConfigureAwait(false);
        }

        if (_log is { } log)
        {
            await log.DisposeAsync().ConfigureAwait(false);
        }
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(DecisionLog log) => Receive<PoolNotice>(log.Take);
    }
}
