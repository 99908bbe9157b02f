using Akka.Actor;
using Akka.Hosting;
using FjBellows.Daemon.Hosting;
using FjBellows.Forgejo;
using FjBellows.Hosting;
using FjBellows.Jobs;
using FjBellows.Journal;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Local;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace FjBellows.Benchmarks.Pool;

/// <summary>The production pool with default settings against the Forgejo stand-in and the local provider, whose workers are processes of
/// this machine.</summary>
internal sealed class SandboxPool : IAsyncDisposable
{
    private const string Repository = "bench/jobs";
    private static readonly TimeSpan Timeouts = TimeSpan.FromMinutes(3);
    private static readonly Secret Token = new("benchmark-token");

    private readonly string _directory;
    private readonly ForgeServer _forge;
    private readonly IHost _host;
    private readonly IActorRef _pool;

    private SandboxPool(string directory, ForgeServer forge, IHost host, IActorRef pool) =>
        (_directory, _forge, _host, _pool) = (directory, forge, host, pool);

    /// <summary>Starts it and waits until its workers are warm: each bought, reached and proven ready, and every part of the program run
    /// once.</summary>
    public static async Task<SandboxPool> WarmAsync(int workers, IReadOnlyList<string> runner)
    {
        var directory = Directory.CreateTempSubdirectory("fjb-bench-").FullName;
        var forge = await ForgeServer.StartAsync(new ForgeServerOptions
        {
            State = new ForgeStateOptions { Accounts = [new ForgeAccount("bench", Token, SiteAdmin: true, ["all"])] },
        }).ConfigureAwait(false);
        var (host, actor) = await HostAsync(directory, forge, workers, runner).ConfigureAwait(false);
        var pool = new SandboxPool(directory, forge, host, actor);
        actor.Tell(new PoolProtocol.ProvisionWorkers(workers, "the benchmark"));
        await pool.IdleAsync(workers).ConfigureAwait(false);
        await pool.RunAsync(workers, "true").ConfigureAwait(false);
        await pool.IdleAsync(workers).ConfigureAwait(false);
        return pool;
    }

    /// <summary>Queues jobs at once and waits for the last one's end.</summary>
    /// <returns>The jobs as they ended.</returns>
    public async Task<IReadOnlyList<ForgeJob>> RunAsync(int count, string command)
    {
        var payload = $"name: bench\non: push\njobs:\n  job:\n    runs-on: sandbox\n    steps:\n      - run: {command}\n";
        var queued = _forge.State.Enqueue(
            Repository, [.. Enumerable.Range(0, count).Select(i => new ForgeJobRequest($"job {i}", ["sandbox"], payload))]);
        var ids = queued.Select(j => j.Id).ToArray();
        await Deadline.UntilAsync(
            "all jobs done", Timeouts, () => Task.FromResult(ids.All(id => _forge.State.Job(id).IsDone)), 20).ConfigureAwait(false);
        ForgeJob[] ended = [.. ids.Select(_forge.State.Job)];
        return ended.All(j => j.Status == ForgeJobStatus.Success && j.Starts == 1)
            ? ended
            : throw new InvalidOperationException(
                $"a job failed or ran twice: {ended.First(j => j.Status != ForgeJobStatus.Success || j.Starts != 1)}");
    }

    /// <summary>Waits until so many workers could take a job.</summary>
    public Task IdleAsync(int workers) => Deadline.UntilAsync($"{workers} warm workers", Timeouts, async () =>
    {
        var status = await _pool.Ask<PoolStatus>(PoolProtocol.GetStatus.Instance, Timeouts).ConfigureAwait(false);
        return status.Workers.Count(w => w.CanTakeJob(status.At)) == workers;
    });

    /// <summary>Watches where the time between two jobs goes.</summary>
    public TurnTimes Watch() => new(_host.Services.GetRequiredService<ActorSystem>(), _forge.State);

    public async ValueTask DisposeAsync()
    {
        await _pool.Ask<PoolProtocol.Drained>(new PoolProtocol.DrainPool(DeleteWorkers: true), Timeouts).ConfigureAwait(false);
        await _host.StopAsync().ConfigureAwait(false);
        await ((IAsyncDisposable)_host).DisposeAsync().ConfigureAwait(false);
        await _forge.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<(IHost Host, IActorRef Pool)> HostAsync(
        string directory, ForgeServer forge, int workers, IReadOnlyList<string> runner)
    {
        var labels = LabelSet.Parse(["sandbox:host"]);
        var url = new Uri(forge.Url);
        var settings = new PoolSettings
        {
            Name = "default",
            Labels = labels,
            Ownership = Ownership.Of(url, "admin", "bench", "default"),
            Max = workers,
        };
        var client = new ForgejoClient(
            new ForgejoSettings { Url = url, Token = Token, Scope = ForgejoScope.Parse("admin"), Labels = labels });
        var local = new LocalProviderSettings { Directory = Path.Combine(directory, "instances"), BootTime = TimeSpan.Zero };
        var journal = JournalSettings.Sqlite(Path.Combine(directory, "state"));
        await JournalCheck.PrepareAsync(journal, CancellationToken.None).ConfigureAwait(false);
        var ports = new PoolPorts(
            client, client, new LocalProvider(local), new LocalConnector(local, runner, forge.Url), new SqlHistory(journal),
            new RandomWorkerNames());

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddAkka("bench", akka => akka
            .AddHocon($"{DaemonHost.Hocon}\nakka.loglevel = WARNING", HoconAddMode.Prepend)
            .WithBellowsJournal(journal)
            .WithFjBellows(bellows => bellows.AddPool(settings, _ => ports)));
        var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        var root = await host.Services.GetRequiredService<IRequiredActor<BellowsKey>>().GetAsync().ConfigureAwait(false);
        return (host,
            (await root.Ask<BellowsProtocol.PoolFound>(new BellowsProtocol.FindPool("default"), Timeouts).ConfigureAwait(false)).Pool);
    }
}
