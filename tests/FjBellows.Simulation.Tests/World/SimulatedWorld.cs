using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;
using FjBellows.Time;

namespace FjBellows.Simulation.Tests;

/// <summary>The virtual world with its faults: which of them are active decides what every call meets.</summary>
internal sealed class SimulatedWorld
{
    private readonly Mutation _mutation;
    private readonly Random _dice;
    private readonly List<HistoryEvent> _active = [];
    private readonly Dictionary<HistoryEvent, int> _counts = new(ReferenceEqualityComparer.Instance);

    /// <summary>A world in which nothing has happened yet.</summary>
    /// <param name="history">What will.</param>
    /// <param name="mutation">A bug to give the pool; null for none.</param>
    public SimulatedWorld(History history, Mutation? mutation = null)
    {
        History = history;
        _mutation = mutation ?? new Mutation("none", "");
        _dice = new Random(history.Seed ^ 0x5EED);
        Clock = new VirtualClock(Start);
        Forge = new VirtualForge(Clock, history.Seed);
        Cloud = new VirtualCloud(Clock, history.Billing);
        Connector = new VirtualConnector(Clock, Cloud, Forge);
        Ownership = Ownership.Of(new Uri("http://forgejo.test"), "admin", "cid", "default");
        Records = new RecordingHistory(record => Active<HistoryFails>().Any(f => Happens(f.Chance)) ? "database is locked"
            : Active<HistoryRefusesText>().Any() ? RecordingHistory.RefusedText(record) : null);
        Settings = new PoolSettings
        {
            Name = "default",
            Labels = LabelSet.Parse(["docker", "big:host"]),
            Ownership = Ownership,
            Max = history.Max,
            Waiting = new WaitSettings { Budget = history.WaitBudget },
            Reserve = history.Reserve > 0 ? new ConstantReserve(history.Reserve) : null,
            Poll = new PollSettings { BusyInterval = history.BusyInterval },
            Timeouts = new TimeoutSettings { MaxJobRuntime = history.MaxJobRuntime },
        };
        Daemon = new VirtualDaemon(
            Clock,
            _mutation.Settings(Settings),
            _mutation.Ports(new PoolPorts(Forge, Forge, Cloud, Connector, Records, new VirtualWorkerNames())));
        Daemon.Store.Forgets = _mutation.Unwritten;
        if (_mutation.JumpingClock)
        {
            Daemon.ClockOf = time => new PoolClock(() => time.Now, () => time.Now - Start);
        }

        Wall = new WallClock(this);
        Reach = new Reachability(this);
        Oracle = new Oracle(this);
        CloudFaults.Wire(this);
        ForgejoFaults.Wire(this);
        WorkerFaults.Wire(this);
        JournalFaults.Wire(this);
        _mutation.World(this);
    }

    /// <summary>The moment at which every history begins.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    public History History { get; }

    public VirtualClock Clock { get; }

    public VirtualForge Forge { get; }

    public VirtualCloud Cloud { get; }

    public VirtualConnector Connector { get; }

    public Ownership Ownership { get; }

    public RecordingHistory Records { get; }

    public VirtualDaemon Daemon { get; }

    public WallClock Wall { get; }

    public Reachability Reach { get; }

    /// <summary>What the pool is told, and judged by.</summary>
    public PoolSettings Settings { get; private set; }

    public Oracle Oracle { get; }

    public Fuse? WriteFuse { get; set; }

    public Fuse? EffectFuse { get; set; }

    /// <summary>Told of every write before (true) and after it, and of every effect: the crash matrix counts them.</summary>
    public Action<string, bool>? Step { get; set; }

    /// <summary>How often the daemon was killed.</summary>
    public int Kills { get; private set; }

    /// <summary>True from an order to drain until the daemon's end.</summary>
    public bool Drains { get; set; }

    /// <summary>Waiting jobs that are listed and never handed out.</summary>
    public HashSet<long> Withheld { get; } = [];

    /// <summary>Jobs that no worker can ever start or get: not waited for at the end.</summary>
    public HashSet<long> Hopeless { get; } = [];

    /// <summary>The command fault that the last call met.</summary>
    public CommandsFail? LastFault { get; set; }

    /// <summary>A copy of the journal, where one was made.</summary>
    public VirtualBackup? Backup { get; set; }

    public IEnumerable<VirtualMachine> Ours() => Cloud.Alive.Where(m => Ownership.Owns(m.Instance));

    public IEnumerable<T> Active<T>()
        where T : HistoryEvent => _active.Count == 0 ? [] : _active.OfType<T>();

    public bool Happens(double chance) => chance >= 1 || _dice.NextDouble() < chance;

    public double NextDouble() => _dice.NextDouble();

    public void Shuffle<T>(T[] all) => _dice.Shuffle(all);

    /// <summary>True while a fault has struck less often than it may; counts this time.</summary>
    public bool CountsAgain(HistoryEvent fault, int? times)
    {
        var count = _counts[fault] = _counts.GetValueOrDefault(fault) + 1;
        return times is not { } most || count <= most;
    }

    public void Begin(HistoryEvent e)
    {
        if (e.Lasts > TimeSpan.Zero)
        {
            _active.Add(e);
        }

        e.Begin(this);
        Settle();
    }

    public void End(HistoryEvent e)
    {
        if (_active.Remove(e))
        {
            e.End(this);
            Settle();
        }
    }

    /// <summary>Ends every fault and lets the daemon run as its operator wants it to.</summary>
    public void Heal()
    {
        (WriteFuse, EffectFuse) = (null, null);
        foreach (var e in _active.ToArray())
        {
            End(e);
        }

        if (!Daemon.Runs || Settings.Max == 0 || Drains || Settings.Reserve is not null || IsAsleep)
        {
            // Nothing is kept for the reserve any more: a pool with one is never quiet.
            Settings = Settings with { Reserve = null };
            Kill(TimeSpan.Zero, Math.Max(1, Settings.Max));
        }

        foreach (var minutes in new[] { 0, 2, 6, 20 })
        {
            Clock.Schedule(TimeSpan.FromMinutes(minutes), () =>
            {
                Run();
                Tell(new PoolProtocol.Resume("ada"));
                Tell(new PoolProtocol.Reconcile("ada"));
            });
        }
    }

    public void Run()
    {
        if (!Daemon.Runs)
        {
            Daemon.Start();
            if (!Daemon.Runs)
            {
                return; // It was killed as it started, and is started again after its time down.
            }

            Oracle.DaemonRuns();
        }
    }

    public void Kill(TimeSpan down, int? max)
    {
        if (Daemon.Runs)
        {
            Kills++;
            Drains = false;
            Oracle.DaemonDied();
            Daemon.Kill();
            BreakLinks();
        }

        if (max is { } other)
        {
            Settings = Settings with { Max = other };
            Daemon.Settings = _mutation.Settings(Settings);
        }

        Clock.Schedule(down, Run);
    }

    /// <summary>Ends every session, as the kernel of a dead daemon's host does.</summary>
    public void BreakLinks()
    {
        foreach (var machine in Cloud.Alive.ToArray())
        {
            machine.BreakLinks();
        }
    }

    /// <summary>Changes what the pool is told, at once where it runs. A pool that is being restarted does not answer, and is judged by what
    /// it knew.</summary>
    public void Change(Func<PoolSettings, PoolSettings> change)
    {
        var settings = change(Settings);
        var told = _mutation.Settings(settings);
        if (IsAsleep || (Daemon.Runs && !Daemon.Hears<PoolProtocol.Done>(new PoolProtocol.ChangeSettings(told, Daemon.Ports, "ada"))))
        {
            return;
        }

        Settings = settings;
        Daemon.Settings = told;
    }

    /// <summary>Tells the pool something, where somebody could: a host that sleeps takes no command.</summary>
    public void Tell(object message)
    {
        if (Daemon.Runs && !IsAsleep)
        {
            Oracle.Commanded(message);
            Daemon.Tell(message);
        }
    }

    /// <summary>A call leaves or was carried out: false when the daemon is dead, which sends nothing more.</summary>
    public bool Effect(string call, bool before)
    {
        Step?.Invoke(call, before);
        Oracle.Called(call, before);
        if (call is not ("jobs" or "runners" or "list"))
        {
            Burn(EffectFuse, f => EffectFuse = f, before);
        }

        return Daemon.Runs;
    }

    public void WriteStep(object payload, bool before)
    {
        Step?.Invoke(payload.GetType().Name, before);
        Burn(WriteFuse, f => WriteFuse = f, before);
    }

    private bool IsAsleep => Daemon.Runs && Daemon.System.Life.IsAsleep;

    private void Burn(Fuse? fuse, Action<Fuse?> set, bool before)
    {
        if (fuse is null || fuse.Before != before || !Daemon.Runs)
        {
            return;
        }

        set(fuse.Left <= 1 ? null : fuse with { Left = fuse.Left - 1 });
        if (fuse.Left <= 1)
        {
            Kill(fuse.Down, null);
        }
    }

    private void Settle()
    {
        var cloud = Active<CloudSlow>().ToArray();
        Cloud.Latency = cloud.Select(c => c.Latency).Append(TimeSpan.FromMilliseconds(100)).Max();
        Cloud.CreateTakes = cloud.Select(c => c.Create).Append(TimeSpan.FromSeconds(3)).Max();
        Cloud.CreateAnswerTakes = cloud.Select(c => c.CreateAnswer).Append(TimeSpan.Zero).Max();
        var forge = Active<ForgejoSlow>().ToArray();
        Forge.Latency = forge.Select(f => f.Latency).Append(TimeSpan.FromMilliseconds(20)).Max();
        Forge.AnswerTakes = forge.Select(f => f.Answer).Append(TimeSpan.Zero).Max();
        Forge.IsAway = Active<ForgejoAway>().Any();
        Daemon.Store.WriteTakes = Active<JournalSlow>().Select(j => j.Takes).Append(TimeSpan.Zero).Max();
        Oracle.Conditions.FaultsChanged(_active);
    }
}
