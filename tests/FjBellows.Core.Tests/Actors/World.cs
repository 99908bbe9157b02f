using FjBellows.Billing;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;
using FjBellows.Workers;

namespace FjBellows.Tests.Actors;

/// <summary>A Forgejo, a cloud and a daemon under virtual time.</summary>
public sealed class World : IDisposable
{
    public World(
        BillingModel? billing = null, int max = 3, Func<PoolSettings, PoolSettings>? with = null,
        Func<VirtualClock, VirtualCloud, ICloudProvider>? around = null)
    {
        Clock = new VirtualClock(new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero));
        Forge = new VirtualForge(Clock);
        Cloud = new VirtualCloud(Clock, billing ?? BillingModel.Hourly);
        Connector = new VirtualConnector(Clock, Cloud, Forge);
        Ownership = Ownership.Of(new Uri("http://forgejo.test"), "admin", "cid", "default");
        var settings = new PoolSettings { Name = "default", Labels = LabelSet.Parse(["docker"]), Ownership = Ownership, Max = max };
        History = new InMemoryHistory();
        Daemon = new VirtualDaemon(
            Clock,
            with is null ? settings : with(settings),
            new PoolPorts(Forge, Forge, around?.Invoke(Clock, Cloud) ?? Cloud, Connector, History, new VirtualWorkerNames()));
    }

    public VirtualClock Clock { get; }

    public VirtualForge Forge { get; }

    public VirtualCloud Cloud { get; }

    public VirtualConnector Connector { get; }

    public Ownership Ownership { get; }

    public InMemoryHistory History { get; }

    public VirtualDaemon Daemon { get; }

    public PoolStatus Status => Daemon.Status();

    public WorkerView OnlyWorker => Status.Workers.ShouldHaveSingleItem();

    public World Started()
    {
        Daemon.Start();
        return this;
    }

    public void Pass(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    public void PassMinutes(double minutes) => Clock.Advance(TimeSpan.FromMinutes(minutes));

    public void Until(Func<bool> condition, double minutes = 10, string? what = null)
    {
        if (!Clock.AdvanceUntil(condition, TimeSpan.FromMinutes(minutes)))
        {
            throw new ShouldAssertException($"{what ?? "the condition"} did not come to hold in {minutes} min; the pool said:\n{Story()}");
        }
    }

    public void UntilPhase(WorkerPhase phase, double minutes = 10) =>
        Until(() => Status.Workers.Any(w => w.Phase == phase && (phase != WorkerPhase.Idle || w.Usable)), minutes, $"a worker in {phase}");

    private string Story() => string.Join('\n',
    [
        .. Daemon.Notices.TakeLast(25).Select(n => $"{n.At:HH:mm:ss} {n.Message}"),
        $"now {Clock.Now:HH:mm:ss}, machines alive: {Cloud.Alive.Count()}, jobs: " +
        $"{string.Join(' ', Forge.State.Jobs().Select(j => $"{j.Id}:{j.Status}"))}",
        .. Status.Workers.Select(w => $"{w.Name} {w.Phase} usable {w.Usable}: {w.Why}"),
        .. Status.Sources.Select(s => $"{s.Source} {s.LastSuccess:HH:mm:ss} {s.Error}"),
        .. Daemon.Errors.Concat(Daemon.System.Errors),
    ]);

    /// <summary>Everything is over: all jobs ran, no machine is left, no registration of ours, and the journal holds no worker.</summary>
    public void UntilQuiet(double minutes = 180)
    {
        Until(() => Forge.State.Jobs().All(j => j.IsDone) && !Cloud.Alive.Any() && Status.Workers.Count == 0, minutes, "quiet");
        PassMinutes(5);
        Forge.State.Runners(ForgeScope.Admin).ShouldBeEmpty();
        Daemon.Store.Ids.ShouldAllBe(id => id.StartsWith("pool-", StringComparison.Ordinal));
        Daemon.Errors.Concat(Daemon.System.Errors).ShouldBeEmpty();
    }

    public void EachJobRanOnce() => Forge.State.Jobs().ShouldAllBe(j => j.Starts == 1);

    public IReadOnlyList<DispatchOutcome> Outcomes() =>
        History.OutcomesAsync("default", DateTimeOffset.MinValue, 1000, CancellationToken.None).GetAwaiter().GetResult();

    public IReadOnlyList<WorkerLedger> Ledgers() =>
        History.LedgersAsync("default", DateTimeOffset.MinValue, 1000, CancellationToken.None).GetAwaiter().GetResult();

    public void Dispose() => Daemon.Dispose();
}
