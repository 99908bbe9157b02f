using Akka.Actor;
using FjBellows.Hosting;
using FjBellows.Pool;
using FjBellows.Time;

namespace FjBellows.Sandbox.Virtual;

/// <summary>The production actors of one pool in a virtual world; can be killed and started again with the journal it left.</summary>
public sealed class VirtualDaemon : IDisposable
{
    private readonly PoolPorts _ports;
    private VirtualSystem? _system;
    private TimeSpan _wallOffset;
    private IActorRef _pool = ActorRefs.Nobody;

    /// <summary>A daemon that is not started yet.</summary>
    /// <param name="clock">The world's clock.</param>
    /// <param name="settings">Its pool's settings.</param>
    /// <param name="ports">The world.</param>
    public VirtualDaemon(VirtualClock clock, PoolSettings settings, PoolPorts ports)
    {
        Clock = clock;
        Settings = settings;
        _ports = ports;
    }

    /// <summary>The world's clock.</summary>
    public VirtualClock Clock { get; }

    /// <summary>Its pool's settings; a change is in force from the next start.</summary>
    public PoolSettings Settings { get; set; }

    /// <summary>By how much its host's clock is ahead of the true time, also at a start.</summary>
    public TimeSpan WallOffset
    {
        get => _wallOffset;
        set
        {
            _wallOffset = value;
            if (_system is not null)
            {
                _system.Life.WallOffset = value;
            }
        }
    }

    /// <summary>Makes the pool's clock at each start.</summary>
    internal Func<ITimeProvider, PoolClock> ClockOf { get; set; } = PoolClock.Of;

    /// <summary>The pool's outside world.</summary>
    public PoolPorts Ports => _ports;

    /// <summary>What its journal keeps.</summary>
    public VirtualStore Store { get; } = new();

    /// <summary>The running system.</summary>
    /// <exception cref="InvalidOperationException">It does not run.</exception>
    public VirtualSystem System => _system ?? throw new InvalidOperationException("the daemon does not run");

    /// <summary>True while it runs.</summary>
    public bool Runs => _system is not null;

    /// <summary>False to keep nothing of what it tells people, for long histories.</summary>
    public bool Watches { get; init; } = true;

    /// <summary>Everything it reported, over all its runs.</summary>
    public List<PoolNotice> Notices { get; } = [];

    /// <summary>Errors logged, over all its runs.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Messages that reached no actor, over all its finished runs.</summary>
    public List<Akka.Event.DeadLetter> DeadLetters { get; } = [];

    /// <summary>Starts it.</summary>
    public void Start()
    {
        _system = new VirtualSystem(Clock, Store);
        if (Watches)
        {
            var watcher = _system.System.ActorOf(Props.Create(() => new Watcher(Notices)), "watcher");
            _system.System.EventStream.Subscribe(watcher, typeof(PoolNotice));
        }

        _system.Life.WallOffset = _wallOffset;
        var runtime = new PoolRuntime(Settings, _ports, ClockOf(_system.System.Scheduler));
        var root = _system.System.ActorOf(AkkaHostingExtensions.RootProps([runtime]), "fj-bellows");
        Clock.Settle();
        if (_system is null)
        {
            return; // It was killed as it started.
        }

        _pool = _system.Ask<BellowsProtocol.PoolFound>(root, new BellowsProtocol.FindPool(Settings.Name)).Pool;
    }

    /// <summary>Ends it as <c>kill -9</c> does.</summary>
    public void Kill()
    {
        Errors.AddRange(System.Errors);
        DeadLetters.AddRange(System.DeadLetters);
        System.Kill();
        _system = null;
    }

    /// <summary>Kills it and starts it again at once.</summary>
    public void Restart()
    {
        Kill();
        Start();
    }

    /// <summary>Asks the pool something that needs no time.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    public T Ask<T>(object question) => System.Ask<T>(_pool, question);

    /// <summary>Asks the pool something that needs no time, and says whether it answered so: one that is being restarted does
    /// not.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    public bool Hears<T>(object question)
    {
        try
        {
            Ask<T>(question);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Tells the pool something.</summary>
    public void Tell(object message)
    {
        _pool.Tell(message);
        Clock.Settle();
    }

    /// <summary>The pool's whole state.</summary>
    public PoolStatus Status() => Ask<PoolStatus>(PoolProtocol.GetStatus.Instance);

    /// <inheritdoc />
    public void Dispose()
    {
        _system?.Dispose();
        _system = null;
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(List<PoolNotice> notices) => Receive<PoolNotice>(notices.Add);
    }
}

/// <summary>Names in the order of their giving.</summary>
public sealed class VirtualWorkerNames : IWorkerNames
{
    private int _next;

    /// <inheritdoc />
    public string Next(string tag) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{tag}-w{++_next:000}");
}
