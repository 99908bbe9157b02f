using System.Diagnostics;
using Akka.Actor;
using FjBellows.Billing;
using FjBellows.Daemon.Control;
using FjBellows.Daemon.Control.Api;
using FjBellows.Daemon.Control.Metrics;
using FjBellows.Dispatch;
using FjBellows.Hosting;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Workers;
using Microsoft.Extensions.Logging.Abstractions;

namespace FjBellows.Benchmarks.Control;

/// <summary>Looking at a pool of 1,000 workers over HTTP: the list of them, and a scrape.</summary>
internal static class ControlBenchmark
{
    private const int Workers = 1000;
    private const int Requests = 500;
    private const int WarmUp = 50;

    public static async Task<int> RunAsync()
    {
        using var system = ActorSystem.Create("bench");
        var root = system.ActorOf(Props.Create(() => new Root(Status())));
        var history = new InMemoryHistory();
        var parts = new ControlContext(
            system, root,
            () => [(new PoolSettings
            {
                Name = "default",
                Labels = LabelSet.Parse(["docker"]),
                Ownership = new Ownership("bench", "fjb-1"),
            },
                new PoolPorts(null!, null!, new NoCloud(), null!, history, new RandomWorkerNames()))],
            () => new ConfigInfo("", DateTimeOffset.UnixEpoch, []), _ => throw new NotSupportedException(), history, new ControlMetrics(),
            TimeProvider.System, NullLoggerFactory.Instance);
        await using var plane = await ControlPlane.StartAsync(
            new ControlOptions("127.0.0.1:0", null, WritesEnabled: false), parts, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = new Uri(plane.Url) };
        var list = await MeasureAsync(http, "api/v1/workers", $"GET /api/v1/workers with {Workers:N0} workers", 20);
        return Math.Max(list, await MeasureAsync(http, "metrics", $"a scrape with {Workers:N0} workers", 10));
    }

    private static async Task<int> MeasureAsync(HttpClient http, string path, string name, double goal)
    {
        var figure = new Figure(name);
        var times = new List<double>();
        var bytes = 0;
        // The reader's own garbage would be counted as the daemon's pauses: both are one process here.
        var buffer = new byte[64 * 1024];
        for (var i = 0; i < WarmUp + Requests; i++)
        {
            var began = Stopwatch.GetTimestamp();
            using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
            bytes = 0;
            for (int read; (read = await body.ReadAsync(buffer)) > 0; bytes += read)
            {
            }

            if (i >= WarmUp)
            {
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }

        var (p50, p99) = (Figure.At(times, 0.5), Figure.At(times, 0.99));
        return figure.Row($"p99 ≤ {goal} ms", $"p50 {Figure.N(p50)} ms, p99 {Figure.N(p99)} ms, {bytes / 1024} KiB", p99 <= goal);
    }

    private static PoolStatus Status()
    {
        var now = DateTimeOffset.UtcNow;
        var jobs = Enumerable.Range(1, Workers)
            .Select(i => new QueuedJob(i, 1, $"handle-{i}", 1, 1, $"job {i}", ["docker"], JobStatus.Waiting, 0)).ToArray();
        return new PoolStatus
        {
            Name = "default",
            At = now,
            Recovered = true,
            Billing = BillingModel.Hourly,
            Workers =
            [
                .. jobs.Select(job => new WorkerView
                {
                    Name = $"bench-{job.Id:x4}",
                    Phase = job.Id % 2 == 0 ? WorkerPhase.Busy : WorkerPhase.Idle,
                    Usable = true,
                    InstanceId = new InstanceId($"{job.Id}"),
                    Addresses = ["192.0.2.1"],
                    CreatedAt = now.AddMinutes(-30),
                    HourlyPrice = 0.018m,
                    Current = job.Id % 2 == 0
                        ? new Assignment(new DispatchId($"bench-{job.Id:x4}-1"), job, now, Warm: true, StartedAt: now)
                        : null,
                    Why = "idle since its last job ended",
                }),
            ],
            Sources = [.. Enum.GetValues<PoolSource>().Select(s => new SourceHealth(s, now, null, TimeSpan.FromHours(1)))],
        };
    }

    private sealed class Root : ReceiveActor
    {
        public Root(PoolStatus status)
        {
            Receive<BellowsProtocol.FindPool>(m => Sender.Tell(new BellowsProtocol.PoolFound(m.Name, Self)));
            Receive<PoolProtocol.GetStatus>(_ => Sender.Tell(status));
        }
    }

    private sealed class NoCloud : ICloudProvider
    {
        public string Name => "none";

        public BillingModel Billing => BillingModel.Hourly;

        public ProviderCapabilities Capabilities => new(0, AcceptsGzip: false);

        public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
