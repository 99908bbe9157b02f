using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;

namespace FjBellows.Sandbox.Virtual;

/// <summary>An actor system under virtual time: one thread, one queue, a journal that survives its end. Whatever it does wrong is
/// collected.</summary>
public sealed class VirtualSystem : IDisposable
{
    private const string Hocon = """
        akka {
          loglevel = INFO
          stdout-loglevel = OFF
          loggers = []
          log-dead-letters = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          scheduler.implementation = "FjBellows.Sandbox.Virtual.VirtualScheduler, FjBellows.Sandbox"
          actor {
            default-dispatcher { type = Dispatcher, executor = "FjBellows.Sandbox.Virtual.VirtualExecutorConfigurator, FjBellows.Sandbox", throughput = 1 }
            internal-dispatcher { type = Dispatcher, executor = "FjBellows.Sandbox.Virtual.VirtualExecutorConfigurator, FjBellows.Sandbox", throughput = 1 }
          }
          persistence {
            journal.plugin = "akka.persistence.journal.virtual"
            journal.virtual { class = "FjBellows.Sandbox.Virtual.VirtualJournal, FjBellows.Sandbox", plugin-dispatcher = "akka.actor.default-dispatcher" }
            snapshot-store.plugin = "akka.persistence.snapshot-store.virtual"
            snapshot-store.virtual { class = "FjBellows.Sandbox.Virtual.VirtualSnapshotStore, FjBellows.Sandbox", plugin-dispatcher = "akka.actor.default-dispatcher" }
          }
        }
        """;

    private readonly List<string> _errors = [];
    private readonly List<DeadLetter> _deadLetters = [];

    /// <summary>Starts a system.</summary>
    /// <param name="clock">The world's clock.</param>
    /// <param name="store">What its journal keeps.</param>
    public VirtualSystem(VirtualClock clock, VirtualStore store)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(store);
        Clock = clock;
        var setup = ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(Hocon)), new VirtualStoreSetup(store));
        System = VirtualScheduler.With(clock, Life, () => ActorSystem.Create("virtual", setup));
        clock.Settle();
        var listener = System.ActorOf(Props.Create(() => new Listener(_errors, _deadLetters)), "listener");
        System.EventStream.Subscribe(listener, typeof(Error));
        System.EventStream.Subscribe(listener, typeof(DeadLetter));
        clock.Settle();
    }

    /// <summary>The actor system.</summary>
    public ActorSystem System { get; }

    /// <summary>The world's clock.</summary>
    public VirtualClock Clock { get; }

    /// <summary>The system's life: end it to kill the system.</summary>
    public VirtualLife Life { get; } = new();

    /// <summary>Errors logged so far, exceptions included.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Messages that reached no actor.</summary>
    public IReadOnlyList<DeadLetter> DeadLetters => _deadLetters;

    /// <summary>Asks an actor and lets everything run that needs no time.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <exception cref="InvalidOperationException">It did not answer without time passing.</exception>
    public T Ask<T>(IActorRef actor, object question)
    {
        var answer = actor.Ask<T>(question, Timeout.InfiniteTimeSpan);
        Clock.Settle();
        return answer.IsCompletedSuccessfully
            ? answer.GetAwaiter().GetResult()
            : throw new InvalidOperationException(
                $"{actor.Path} did not answer {question}: {answer.Exception?.InnerException?.Message ?? "still silent"}");
    }

    /// <summary>Ends the system as <c>kill -9</c> does: nothing more of it runs. There are no threads to leave behind.</summary>
    public void Kill() => Life.End();

    /// <inheritdoc />
    public void Dispose() => Kill();

    private sealed class Listener : ReceiveActor
    {
        public Listener(List<string> errors, List<DeadLetter> deadLetters)
        {
            Receive<Error>(e => errors.Add($"{e.LogSource}: {e.Message} {e.Cause}"));
            Receive<DeadLetter>(deadLetters.Add);
        }
    }
}
