using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Providers;

namespace FjBellows.Simulation.Tests;

/// <summary>Makes a history from a seed: the same one every time.</summary>
/// <remarks>Seeds below a million are what they were when some of them were written down; those from <see cref="Whole"/> and
/// <see cref="Real"/> on have more.</remarks>
internal sealed class HistoryGenerator
{
    /// <summary>From this seed on a history has what the generator learned last: reserves, changes of settings, workers that are busy or
    /// killed from inside.</summary>
    public const int Whole = 1_000_000;

    /// <summary>From this seed on a history also has the faults of <see cref="RealFaults"/>.</summary>
    public const int Real = 2_000_000;

    private readonly Random _random;
    private readonly List<HistoryEvent> _events = [];
    private readonly TimeSpan _length;

    private HistoryGenerator(int seed)
    {
        _random = new Random(seed);
        _length = TimeSpan.FromHours(_random.Next(2, 11));
    }

    /// <summary>The history of a seed, without the faults that the product is known not to stand.</summary>
    /// <param name="seed">The seed.</param>
    public static History Of(int seed) => Of(seed, FaultSet.All);

    /// <summary>The history of a seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="faults">Which faults it may have; the others are left out, and nothing else changes.</param>
    public static History Of(int seed, FaultSet faults) => new HistoryGenerator(seed).Make(seed, faults);

    private History Make(int seed, FaultSet faults)
    {
        Arrivals();
        // From a calm day to one on which everything fails.
        var count = _random.Next(4) switch { 0 => 0, 1 => _random.Next(1, 4), 2 => _random.Next(3, 12), _ => _random.Next(10, 40) };
        for (var i = 0; i < count; i++)
        {
            _events.Add(Fault());
        }

        var uses = _random.Next(0, 8);
        for (var i = 0; i < uses; i++)
        {
            _events.Add(Use());
        }

        for (var i = seed < Whole ? 0 : _random.Next(0, 7); i > 0; i--)
        {
            _events.Add(Late());
        }

        var real = seed < Real ? [] : new RealFaults(seed, _length).Draw();
        return new History
        {
            Seed = seed,
            Billing = _random.Next(3) switch
            {
                0 => BillingModel.Hourly,
                1 => BillingModel.Hourly.WithHour(TimeSpan.FromMinutes(20)),
                _ => BillingModel.PerSecondAtLeast(TimeSpan.FromMinutes(1)),
            },
            Max = _random.Next(1, 6),
            Boot = Seconds(15, 120),
            BusyInterval = TimeSpan.FromSeconds(_random.Next(3) switch { 0 => 1, 1 => 3, _ => 10 }),
            MaxJobRuntime = _random.Next(6) == 0 ? TimeSpan.FromMinutes(50) : TimeSpan.FromHours(6),
            Events = [.. _events.Concat(real).Where(faults.Allows).OrderBy(e => e.At)],
            // Drawn last, so that a seed's other parts are what they were before there were budgets.
            WaitBudget = _random.Next(3) == 0 ? TimeSpan.FromMinutes(_random.Next(1, 21)) : TimeSpan.Zero,
            Reserve = seed < Whole || _random.Next(4) > 0 ? 0 : _random.Next(1, 3),
        };
    }

    private void Arrivals()
    {
        switch (_random.Next(4))
        {
            case 0: // bursts
                for (var i = _random.Next(1, 5); i > 0; i--)
                {
                    _events.Add(new JobsArrive(When(), _random.Next(2, 9), Seconds(10, 900), Label(), Group()));
                }

                break;
            case 1: // one after the other, all day
                for (var i = _random.Next(5, 30); i > 0; i--)
                {
                    _events.Add(new JobsArrive(When(), 1, Seconds(5, 600), Label(), Group()));
                }

                break;
            case 2: // few and long
                for (var i = _random.Next(1, 6); i > 0; i--)
                {
                    _events.Add(new JobsArrive(When(), 1, TimeSpan.FromMinutes(_random.Next(30, 200)), Label(), Group()));
                }

                break;
            default: // a busy hour, then quiet
                var begin = When();
                for (var i = _random.Next(5, 25); i > 0; i--)
                {
                    _events.Add(new JobsArrive(begin + Seconds(0, 3600), _random.Next(1, 3), Seconds(20, 1500), Label(), Group()));
                }

                break;
        }

        if (_random.Next(3) == 0)
        {
            _events.Add(new RunArrives(When(), Seconds(20, 600)));
        }
    }

    private HistoryEvent Use() => _random.Next(12) switch
    {
        0 or 1 => new JobCancelled(When(), Index()),
        2 or 3 => new JobRunAgain(When(), Index()),
        4 or 5 => new JobStolen(When(), Index(), Seconds(10, 1200)),
        6 => new PoolPausedByHand(When()) { Lasts = Seconds(30, 5400) },
        7 => new ReconcileAsked(When()),
        8 or 9 => new WorkerDismissed(When(), Index(), Drain: _random.Next(2) == 0, Force: _random.Next(3) == 0),
        10 => new WorkersAskedFor(When(), _random.Next(1, 4)),
        _ => new DaemonDrained(When(), _random.Next(2) == 0, Down()) { Lasts = Seconds(5, 1800) },
    };

    private HistoryEvent Late() => _random.Next(3) switch
    {
        0 => new WorkerUnready(When(), Index()) { Lasts = Spell() },
        1 => new ProcessDies(When(), Index(), OneOf(6, 9, 15)),
        _ => new SettingsChange(
            When(), _random.Next(0, 6), _random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(_random.Next(1, 21))),
    };

    private HistoryEvent Fault() => _random.Next(28) switch
    {
        0 => new CloudRefuses(
            When(), "create",
            OneOf(CloudErrorKind.Transient, CloudErrorKind.CapacityOut, CloudErrorKind.QuotaExceeded, CloudErrorKind.Auth,
                CloudErrorKind.InvalidConfig), Chance(), null)
        { Lasts = Spell() },
        1 => new CloudRefuses(When(), OneOf("create", "*"), CloudErrorKind.RateLimited, Chance(), Seconds(5, 400)) { Lasts = Spell() },
        2 => new CloudRefuses(
            When(), "delete", OneOf(CloudErrorKind.Conflict, CloudErrorKind.Transient, CloudErrorKind.RateLimited), Chance(),
            null)
        { Lasts = Seconds(30, 4000) },
        3 => new CloudRefuses(
            When(), OneOf("list", "get", "*"), OneOf(CloudErrorKind.Transient, CloudErrorKind.Auth), Chance(), null)
        { Lasts = Spell() },
        4 or 5 => new CloudAnswersLost(When(), OneOf("create", "delete", "*"), Chance()) { Lasts = Spell() },
        6 => new CloudSlow(When(), Seconds(0, 40), Seconds(1, 150), Seconds(0, 150)) { Lasts = Spell() },
        7 => new BootsBadly(When(), _random.Next(3) == 0 ? null : Seconds(100, 900)) { Lasts = Seconds(60, 1800) },
        8 => new ListsBadly(When(), _random.Next(2) == 0 ? TimeSpan.FromMinutes(3) : TimeSpan.FromDays(1), Chance()) { Lasts = Spell() },
        9 => new CloudDenies(When()) { Lasts = Seconds(20, 1200) },
        10 => new MachineLost(When(), Index()),
        11 => _random.Next(2) == 0
            ? new MachinePlanted(When(), OneOf("cid-arm-w001", "cid-x1", $"other-{Index()}"), Ours: false)
            : new MachinePlanted(When(), $"cid-lost{Index()}", Ours: true),
        12 => new ProcessKilled(When(), Index()),
        13 => new ProcessHangs(When(), Index()),
        14 => new LinkBreaks(When(), _random.Next(2) == 0 ? null : Index()),
        15 => new LinkBreaks(When(), _random.Next(2) == 0 ? null : Index()) { Lasts = Seconds(5, 1500) },
        16 => new HostKeyChanges(When(), Index()),
        17 => new LaunchesFail(When(), _random.Next(2) == 0, Chance()) { Lasts = Spell() },
        18 => new ForgejoRefuses(
            When(), OneOf("*", "jobs", "register", "unregister", "runners"),
            OneOf(ForgejoErrorKind.Unreachable, ForgejoErrorKind.Malformed, ForgejoErrorKind.Unauthorized), Chance(),
            null)
        { Lasts = Spell() },
        19 => new ForgejoRefuses(When(), "*", ForgejoErrorKind.RateLimited, Chance(), Seconds(5, 300)) { Lasts = Spell() },
        20 => new ForgejoAnswersLost(When(), OneOf("*", "register", "unregister"), Chance()) { Lasts = Spell() },
        21 => _random.Next(2) == 0
            ? new ForgejoSlow(When(), Seconds(0, 40), Seconds(0, 28)) { Lasts = Spell() }
            : new QueueReordered(When()) { Lasts = Spell() },
        22 => new RunnerPlanted(When(), OneOf("cid-arm-w001-1", "cid-w999-1", "cid", "cid-w001-x", "builder")),
        23 => new JournalFails(When(), OneOf("", "pool-", "worker-"), _random.Next(2) == 0, Chance()) { Lasts = Spell() },
        24 => _random.Next(3) switch
        {
            0 => new JournalUnreadable(When()) { Lasts = Seconds(5, 300) },
            1 => new HistoryFails(When(), Chance()) { Lasts = Spell() },
            _ => new JournalSlow(When(), TimeSpan.FromMilliseconds(_random.Next(5, 20_000))) { Lasts = Spell() },
        },
        25 => new ClockJumps(When(), TimeSpan.FromMinutes(_random.Next(-60, 61))) { Lasts = Seconds(5, 290) },
        26 => new DaemonKilled(When(), Down(), _random.Next(3) == 0 ? _random.Next(0, 6) : null),
        _ => _random.Next(2) == 0
            ? new DaemonKilledAtWrite(When(), _random.Next(1, 12), _random.Next(2) == 0, Down())
            : new DaemonKilledAtEffect(When(), _random.Next(1, 12), _random.Next(2) == 0, Down()),
    };

    private TimeSpan When() => TimeSpan.FromMilliseconds(_random.NextInt64((long)_length.TotalMilliseconds));

    private TimeSpan Spell() => _random.Next(3) switch { 0 => Seconds(5, 60), 1 => Seconds(60, 600), _ => Seconds(600, 3600) };

    private TimeSpan Down() => _random.Next(3) switch { 0 => TimeSpan.Zero, 1 => Seconds(1, 120), _ => Seconds(120, 10_000) };

    private TimeSpan Seconds(int least, int most) => TimeSpan.FromMilliseconds(_random.NextInt64(least * 1000L, most * 1000L));

    private double Chance() => _random.Next(2) == 0 ? 1 : Math.Round(0.2 + (0.7 * _random.NextDouble()), 2);

    private int Index() => _random.Next(100);

    private string Label() => _random.Next(12) switch { 0 => "arm", 1 or 2 => "big", _ => "docker" };

    private string? Group() => _random.Next(5) == 0 ? OneOf("deploy", "release") : null;

    private T OneOf<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
