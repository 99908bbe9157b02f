using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Draws what the real world does beyond a clean failure: tunnels that end with the daemon, commands that fail alone, faults
/// that stay, wrong clocks, held jobs, odd clouds, journals that are other ones.</summary>
/// <remarks>It has dice of its own, so that a history keeps its other parts whatever is drawn here.</remarks>
internal sealed class RealFaults(int seed, TimeSpan length)
{
    private static readonly string[] Calls = ["connect", "check", "start", "follow", "followed", "inspect", "signal", "clean"];

    private readonly Random _random = new(seed ^ 0x0F_EA1);

    /// <summary>The events.</summary>
    public IEnumerable<HistoryEvent> Draw()
    {
        List<HistoryEvent> events = [];
        if (_random.Next(2) == 0)
        {
            events.Add(new TunnelOnly(TimeSpan.Zero));
        }

        for (var i = _random.Next(1, 9); i > 0; i--)
        {
            events.AddRange(Next());
        }

        return events;
    }

    private HistoryEvent[] Next() => _random.Next(24) switch
    {
        0 => [new ForgejoAway(When()) { Lasts = Seconds(5, 1200) }],
        1 or 2 => [new FetchAnswersLost(When(), Chance()) { Lasts = Spell() }],
        3 or 4 or 5 => [Command()],
        6 => [new ProcessUnkillable(When(), Index())],
        7 => [new JobForgesExit(When(), Index(), OneOf(0, 1, 2, 137))],
        8 => [new JobNeverStarts(When(), _random.Next(20)) { Lasts = Spell() }],
        9 => [new JobsNotHandedOut(When(), _random.Next(1, 6)) { Lasts = Spell() * 2 }],
        10 or 11 =>
            [new StrangeJobsArrive(
                When(), _random.Next(1, 5), Seconds(10, 900), StrangeName(), OneOf("docker", "big", "arm", "docker,big", "", "Docker"))],
        12 => [new GroupArrives(When(), _random.Next(2, 6), Seconds(10, 900))],
        13 => [new CreatesSucceedLate(When(), Seconds(2, 400), Chance()) { Lasts = Spell() }],
        14 => [new MachinesBroken(When(), Chance()) { Lasts = Spell() }],
        15 => [new AccountIs(
            TimeSpan.Zero, _random.Next(2) == 0 ? null : _random.Next(1, 4), ReusesIds: _random.Next(2) == 0) { Lasts = length }],
        16 => [new HistoryRefusesText(When()) { Lasts = Spell() }, new StrangeJobsArrive(
            When(), 1, Seconds(10, 900), StrangeName(), "docker")],
        17 => [new RunnersListedBadly(When(), Chance()) { Lasts = Spell() }],
        18 => [new ClockSet(_random.Next(2) == 0 ? TimeSpan.Zero : When(), Offset())],
        19 => [new HostSuspended(When(), Seconds(5, 7200))],
        20 => [new CloudClockWrong(TimeSpan.Zero, TimeSpan.FromSeconds(_random.Next(-600, 601)))],
        21 => [new JournalCopied(When()), new JournalRestored(When(), Seconds(0, 600))],
        22 => [new DaemonUpgraded(When(), Seconds(0, 120))],
        _ => [Long()],
    };

    private CommandsFail Command()
    {
        var preset = _random.Next(6);
        return new CommandsFail(
            When(),
            OneOf(Calls),
            OneOf(CallFate.Fails, CallFate.Fails, CallFate.FailsAfterwards, CallFate.Hangs),
            _random.Next(2) == 0 ? null : _random.Next(1, 8),
            _random.Next(3) switch { 0 => 1, 1 => _random.Next(2, 6), _ => null },
            Chance())
        {
            Lasts = Spell(),
            Error = preset switch
            {
                0 => SessionErrorKind.Unreachable,
                1 => SessionErrorKind.LaunchFailed,
                _ =>
                SessionErrorKind.CommandFailed
            },
            Says = preset switch
            {
                0 => "channel open failed: administratively prohibited (MaxSessions)",
                1 => "no space left on device: /run/fj-bellows",
                2 => "remove 2f0c: volume is in use",
                3 => "network WORKFLOW-1 has active endpoints",
                4 => "Failed to start transient service unit: Unit fj-bellows-1.service already loaded",
                _ => "the command ended with exit code 1",
            },
        };
    }

    /// <summary>What fails for hours: longer than any backoff.</summary>
    private HistoryEvent Long() => _random.Next(6) switch
    {
        0 => new CloudRefuses(
            When(), OneOf("create", "*"), OneOf(CloudErrorKind.Auth, CloudErrorKind.InvalidConfig, CloudErrorKind.QuotaExceeded), 1,
            null)
        { Lasts = Hours() },
        1 => new ForgejoRefuses(
            When(), OneOf("register", "*"), OneOf(ForgejoErrorKind.Unauthorized, ForgejoErrorKind.NotFound), 1, null)
        { Lasts = Hours() },
        2 => new BootsBadly(When(), null) { Lasts = Hours() },
        3 => new LaunchesFail(When(), AnswerLost: false, 1) { Lasts = Hours() },
        4 => new CommandsFail(When(), OneOf("start", "clean", "check"), CallFate.Fails, _random.Next(1, 8), null, 1) { Lasts = Hours() },
        _ => new CloudRefuses(When(), "delete", CloudErrorKind.Conflict, 1, null) { Lasts = TimeSpan.FromHours(1) },
    };

    private string StrangeName() => OneOf(
        "build",
        "нить\u202E\u0007",
        "nul\0inside",
        "lone\uD800surrogate",
        new string('x', 5000),
        "$(reboot); `id` 'q\" \\",
        "");

    private TimeSpan When() => TimeSpan.FromMilliseconds(_random.NextInt64((long)length.TotalMilliseconds));

    private TimeSpan Spell() => _random.Next(3) switch { 0 => Seconds(5, 60), 1 => Seconds(60, 600), _ => Seconds(600, 3600) };

    private TimeSpan Hours() => TimeSpan.FromMinutes(_random.Next(60, 600));

    private TimeSpan Offset() =>
        TimeSpan.FromMinutes(
            _random.Next(3) switch { 0 => _random.Next(-10, 11), 1 => _random.Next(-600, 601), _ => _random.Next(-60, 61) });

    private TimeSpan Seconds(int least, int most) => TimeSpan.FromMilliseconds(_random.NextInt64(least * 1000L, most * 1000L));

    private double Chance() => _random.Next(2) == 0 ? 1 : Math.Round(0.2 + (0.7 * _random.NextDouble()), 2);

    private int Index() => _random.Next(100);

    private T OneOf<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
