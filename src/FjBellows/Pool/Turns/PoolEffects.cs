using System.Text;
using Akka.Actor;
using Akka.Event;
using FjBellows.Time;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>Carries out what turns decided: the only place of a pool that touches its children, the outside world, timers and the
/// log.</summary>
internal sealed class PoolEffects : IDisposable
{
    private readonly Dictionary<string, IActorRef> _workers = new(StringComparer.Ordinal);
    private readonly Dictionary<PoolSource, IActorRef> _observers = [];
    private readonly PoolRuntime _pool;
    private readonly IActorContext _context;
    private readonly ITimerScheduler _timers;
    private readonly ILoggingAdapter _log;
    private readonly OutsideCalls _calls;
    private readonly IActorRef _network;

    /// <summary>Starts the observers.</summary>
    /// <param name="pool">What the pool's actors share.</param>
    /// <param name="context">The pool's actor.</param>
    /// <param name="timers">Its timers.</param>
    /// <param name="log">Its log.</param>
    public PoolEffects(PoolRuntime pool, IActorContext context, ITimerScheduler timers, ILoggingAdapter log)
    {
        (_pool, _context, _timers, _log) = (pool, context, timers, log);
        _calls = new OutsideCalls(context.Self, context.System.Scheduler);
        _network = pool.Network is null ? ActorRefs.Nobody : context.ActorOf(NetworkKeeperActor.Props(pool), "network-keeper");
    }

    /// <summary>Starts observing, once the workers of before are known.</summary>
    public void Observe()
    {
        _observers[PoolSource.Jobs] = _context.ActorOf(JobPollerActor.Props(_pool), "job-poller");
        _observers[PoolSource.Runners] = _context.ActorOf(RunnerListerActor.Props(_pool), "runner-lister");
        _observers[PoolSource.Instances] = _context.ActorOf(InstanceListerActor.Props(_pool), "instance-lister");
    }

    /// <summary>True for the actor that is a worker now: what one that has been replaced reports belongs to the past (invariant
    /// W6).</summary>
    /// <param name="worker">The worker's name.</param>
    public bool IsCurrent(string worker, IActorRef actor) => _workers.TryGetValue(worker, out var current) && current.Equals(actor);

    /// <summary>The worker whose actor ended; null when it was asked to, or is another's by now.</summary>
    public string? Ended(IActorRef actor)
    {
        var name = _workers.FirstOrDefault(w => w.Value.Equals(actor)).Key;
        if (name is not null)
        {
            _workers.Remove(name);
        }

        return name;
    }

    /// <summary>Forgets a worker's actor, which ends by itself.</summary>
    /// <param name="worker">The worker's name.</param>
    public void Forget(string worker) => _workers.Remove(worker);

    /// <summary>Carries out an effect.</summary>
    /// <param name="effect">Any but <see cref="PoolEffect.Persist"/>, which is the actor's own.</param>
    public void Do(PoolEffect effect)
    {
        switch (effect)
        {
            case PoolEffect.TellWorker e:
                Worker(e.Worker).Tell(e.Command, e.Sender ?? _context.Self);
                break;
            case PoolEffect.Spawn e:
                Spawn(e);
                break;
            case PoolEffect.Reply e:
                e.To.Tell(e.Answer, _context.Self);
                break;
            case PoolEffect.Publish e:
                _context.System.EventStream.Publish(e.Event);
                break;
            case PoolEffect.Announce e:
                Announce(e);
                break;
            case PoolEffect.TellObserver e:
                _observers.GetValueOrDefault(e.Source, ActorRefs.Nobody).Tell(e.Message, _context.Self);
                break;
            case PoolEffect.TellNetwork e:
                _network.Tell(e.Message, _context.Self);
                break;
            case PoolEffect.Call e:
                _calls.Send(e.Limit, e.Work, answer => answer, e.Failure);
                break;
            case PoolEffect.Later e:
                _timers.StartSingleTimer(e.Key, e.Message, e.After > TimeSpan.Zero ? e.After : TimeSpan.Zero);
                break;
            case PoolEffect.Never e:
                _timers.Cancel(e.Key);
                break;
            default:
                throw new ArgumentException($"effect {effect.GetType().Name} is not carried out here", nameof(effect));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _calls.Dispose();

    private IActorRef Worker(string name) => _workers.GetValueOrDefault(name, ActorRefs.Nobody);

    private void Spawn(PoolEffect.Spawn e)
    {
        var worker = _context.ActorOf(WorkerActor.Props(_pool, e.Worker, e.Resumed), $"worker-{e.Worker}");
        _context.Watch(worker);
        _workers[e.Worker] = worker;
        if (e.First is { } first)
        {
            worker.Tell(first, _context.Self);
        }
    }

    private void Announce(PoolEffect.Announce e)
    {
        var text = Render(e.Template, e.Args);
        _log.Log(
            e.Kind == NoticeKind.Warning ? LogLevel.WarningLevel : LogLevel.InfoLevel, null, "pool {Pool}: " + e.Template,
            [_pool.Settings.Name, .. e.Args]);
        _context.System.EventStream.Publish(
            new PoolNotice(_pool.Settings.Name, _pool.Clock.Now, e.Kind, text, e.Worker, e.Job) { Code = e.Code });
    }

    /// <summary>Puts values into a template's named places, in order.</summary>
    private static string Render(string template, object?[] args)
    {
        var (text, next, at) = (new StringBuilder(template.Length + 64), 0, 0);
        while (template.IndexOf('{', at) is >= 0 and var open && template.IndexOf('}', open) is >= 0 and var close)
        {
            text.Append(template, at, open - at).Append(next < args.Length ? args[next++] : "");
            at = close + 1;
        }

        return text.Append(template, at, template.Length - at).ToString();
    }
}
