using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;
using FjBellows.Time;

namespace FjBellows.Simulation.Tests;

/// <summary>Kills the daemon at a numbered step.</summary>
internal sealed record Fuse(int Left, bool Before, TimeSpan Down);

/// <summary>The virtual world with its faults: which of them are active decides what every call meets.</summary>
internal sealed partial class SimulatedWorld
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    private readonly History _history;
    private readonly Mutation _mutation;
    private readonly Random _dice;
    private readonly List<HistoryEvent> _active = [];
    private readonly Dictionary<HistoryEvent, VirtualMachine[]> _frozen = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<VirtualMachine, DateTimeOffset> _frozenSince = [];
    private readonly Dictionary<HistoryEvent, VirtualMachine> _unready = new(ReferenceEqualityComparer.Instance);
    private TimeSpan _wall;

    /// <summary>A world in which nothing has happened yet.</summary>
    /// <param name="history">What will.</param>
    /// <param name="mutation">A bug to give the pool; null for none.</param>
    public SimulatedWorld(History history, Mutation? mutation = null)
    {
        _history = history;
        _mutation = mutation ?? new Mutation("none", "");
        _dice = new Random(history.Seed ^ 0x5EED);
        Clock = new VirtualClock(Start);
        Forge = new VirtualForge(Clock, history.Seed);
        Cloud = new VirtualCloud(Clock, history.Billing);
        Connector = new VirtualConnector(Clock, Cloud, Forge);
        Ownership = Ownership.Of(new Uri("http://forgejo.test"), "admin", "cid", "default");
        Records = new RecordingHistory(() => Active<HistoryFails>().Any(f => Happens(f.Chance)));
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

        Oracle = new Oracle(this);
        WireCloud();
        WireForge();
        WireWorkers();
        WireJournal();
    }

    public VirtualClock Clock { get; }

    public VirtualForge Forge { get; }

    public VirtualCloud Cloud { get; }

    public VirtualConnector Connector { get; }

    public Ownership Ownership { get; }

    public RecordingHistory Records { get; }

    public VirtualDaemon Daemon { get; }

    /// <summary>What the pool is told, and judged by.</summary>
    public PoolSettings Settings { get; private set; }

    public Oracle Oracle { get; }

    public Fuse? WriteFuse { get; set; }

    public Fuse? EffectFuse { get; set; }

    /// <summary>Told of every write before (true) and after it, and of every effect: the crash matrix counts them.</summary>
    public Action<string, bool>? Step { get; set; }

    /// <summary>How often the daemon was killed.</summary>
    public int Kills { get; private set; }

    public IEnumerable<VirtualMachine> Ours() => Cloud.Alive.Where(m => Ownership.Owns(m.Instance));

    public IEnumerable<T> Active<T>()
        where T : HistoryEvent => _active.Count == 0 ? [] : _active.OfType<T>();

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

    /// <summary>True from an order to drain until the daemon's end.</summary>
    public bool Drains { get; set; }

    /// <summary>Ends every fault and lets the daemon run as its operator wants it to.</summary>
    public void Heal()
    {
        (WriteFuse, EffectFuse) = (null, null);
        foreach (var e in _active.ToArray())
        {
            End(e);
        }

        if (!Daemon.Runs || Settings.Max == 0 || Drains || Settings.Reserve is not null)
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

            Daemon.System.Life.WallOffset = _wall;
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
        }

        if (max is { } other)
        {
            Settings = Settings with { Max = other };
            Daemon.Settings = _mutation.Settings(Settings);
        }

        Clock.Schedule(down, Run);
    }

    /// <summary>Changes what the pool is told, at once where it runs. A pool that is being restarted does not answer, and is judged by what it knew.</summary>
    public void Change(Func<PoolSettings, PoolSettings> change)
    {
        var settings = change(Settings);
        var told = _mutation.Settings(settings);
        if (Daemon.Runs && !Daemon.Hears<PoolProtocol.Done>(new PoolProtocol.ChangeSettings(told, Daemon.Ports, "ada")))
        {
            return;
        }

        Settings = settings;
        Daemon.Settings = told;
    }

    /// <summary>Makes a machine unready for as long as an event lasts; with none, the one that the event made so is ready again.</summary>
    public void Unready(HistoryEvent by, VirtualMachine? machine)
    {
        if (_unready.Remove(by, out var before))
        {
            before.Unready = null;
        }

        if (machine is not null)
        {
            _unready[by] = machine;
            machine.Unready = "its engine does not answer";
        }
    }

    public void Tell(object message)
    {
        if (Daemon.Runs)
        {
            Daemon.Tell(message);
        }
    }

    public void SetWall(TimeSpan offset)
    {
        _wall = offset;
        if (Daemon.Runs)
        {
            Daemon.System.Life.WallOffset = offset;
        }
    }

    public void Freeze(VirtualMachine machine, HistoryEvent by)
    {
        if (!machine.Unreachable)
        {
            var since = _frozenSince[machine] = Clock.Now;

            // One freeze is never that long, several in a row may be: what is then lost is lost by rule (poll's patience with a busy link).
            Clock.Schedule(Settings.Timeouts.BusyLinkLoss - TimeSpan.FromMinutes(1), () =>
            {
                if (machine.Unreachable && _frozenSince[machine] == since)
                {
                    Oracle.Excuse(machine, "it was out of reach for longer than a busy worker may be");
                }
            });
        }

        machine.Unreachable = true;
        _frozen[by] = [.. _frozen.GetValueOrDefault(by) ?? [], machine];
        // Keepalives notice a silent peer after 30 s (invariant S3).
        Clock.Schedule(TimeSpan.FromSeconds(30), () =>
        {
            if (machine.Unreachable)
            {
                machine.BreakLinks();
            }
        });
    }

    public void Thaw(HistoryEvent by)
    {
        _frozen.Remove(by, out var machines);
        foreach (var machine in machines ?? [])
        {
            machine.Unreachable = _frozen.Values.Any(f => f.Contains(machine));
            if (!machine.Unreachable)
            {
                Oracle.Reachable(machine);
            }
        }
    }

    private bool Happens(double chance) => _dice.NextDouble() < chance;

    private void Settle()
    {
        var cloud = Active<CloudSlow>().ToArray();
        Cloud.Latency = cloud.Select(c => c.Latency).Append(TimeSpan.FromMilliseconds(100)).Max();
        Cloud.CreateTakes = cloud.Select(c => c.Create).Append(TimeSpan.FromSeconds(3)).Max();
        Cloud.CreateAnswerTakes = cloud.Select(c => c.CreateAnswer).Append(TimeSpan.Zero).Max();
        var forge = Active<ForgejoSlow>().ToArray();
        Forge.Latency = forge.Select(f => f.Latency).Append(TimeSpan.FromMilliseconds(20)).Max();
        Forge.AnswerTakes = forge.Select(f => f.Answer).Append(TimeSpan.Zero).Max();
        Daemon.Store.WriteTakes = Active<JournalSlow>().Select(j => j.Takes).Append(TimeSpan.Zero).Max();
        Oracle.FaultsChanged(_active);
    }
}
