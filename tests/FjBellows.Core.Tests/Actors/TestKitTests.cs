using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Hosting;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Time;

namespace FjBellows.Tests.Actors;

/// <summary>How an embedder tests with Akka's own TestKit: its scheduler's time, its probes, its in-memory journal.</summary>
public sealed class TestKitTests() : TestKit("akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"")
{
    private TestScheduler Time => (TestScheduler)Sys.Scheduler;

    [Fact]
    public async Task A_pool_answers_its_protocol_in_a_test_kit()
    {
        var pool = await StartAsync();
        Sys.EventStream.Subscribe(TestActor, typeof(PoolNotice));

        pool.Tell(new PoolProtocol.Pause("ada"), TestActor);
        (await FishForMessageAsync<PoolNotice>(n => n.Kind == NoticeKind.Operator)).Message.ShouldBe("paused by ada");
        await ExpectMsgAsync<PoolProtocol.Done>();

        (await pool.Ask<PoolStatus>(PoolProtocol.GetStatus.Instance, TimeSpan.FromSeconds(10))).Paused.ShouldBeTrue();
    }

    [Fact]
    public async Task Virtual_time_drives_the_pool_s_polling()
    {
        var queue = new CountingQueue();
        var pool = await StartAsync(queue);
        await AwaitAssertAsync(() => queue.Calls.ShouldBe(1));
        for (var i = 0; i < 3; i++)
        {
            // The barrier: the pool has taken the last answer, and the poller has set its next timer before it.
            await AwaitAssertAsync(async () => (await pool.Ask<PoolStatus>(PoolProtocol.GetStatus.Instance, TimeSpan.FromSeconds(10)))
                .Sources.Single(s => s.Source == PoolSource.Jobs).LastSuccess.ShouldNotBeNull());
            var before = queue.Calls;
            await AwaitAssertAsync(() =>
            {
                Time.Advance(TimeSpan.FromSeconds(10));
                queue.Calls.ShouldBeGreaterThan(before);
            });
        }
    }

    private async Task<IActorRef> StartAsync(IJobQueue? queue = null)
    {
        var nowhere = new Nowhere();
        var ports = new PoolPorts(queue ?? new CountingQueue(), nowhere, nowhere, nowhere, new InMemoryHistory(), new RandomWorkerNames());
        var settings = new PoolSettings
        {
            Name = "kit",
            Labels = LabelSet.Parse(["docker"]),
            Ownership = Ownership.Of(new Uri("http://forgejo.test"), "admin", "cid", "kit"),
        };
        var root = Sys.ActorOf(
            AkkaHostingExtensions.RootProps([new PoolRuntime(settings, ports, PoolClock.Of(Sys.Scheduler))]), "fj-bellows");
        return (await root.Ask<BellowsProtocol.PoolFound>(new BellowsProtocol.FindPool("kit"), TimeSpan.FromSeconds(10))).Pool;
    }

    private sealed class CountingQueue : IJobQueue
    {
        private int _calls;

        public int Calls => Volatile.Read(ref _calls);

        public Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _calls);
            return Task.FromResult<IReadOnlyList<QueuedJob>>([]);
        }
    }

    /// <summary>A world without runners and machines.</summary>
    private sealed class Nowhere : IRunnerRegistry, ICloudProvider, IWorkerConnector
    {
        public string Name => "nowhere";

        public BillingModel Billing => BillingModel.Hourly;

        public ProviderCapabilities Capabilities { get; } = new(0, AcceptsGzip: false);

        public Task<IReadOnlyList<RegisteredRunner>> ListAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RegisteredRunner>>([]);

        public Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken) => Task.FromResult<RegisteredRunner?>(null);

        public Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken) =>
            Task.FromException<RunnerCredentials>(new ForgejoException(ForgejoErrorKind.Unreachable, "there is no Forgejo"));

        public Task DeleteAsync(long id, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<Instance>>([]);

        public Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken) => Task.FromResult<Instance?>(null);

        public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) =>
            Task.FromException<Instance>(new CloudException(CloudErrorKind.CapacityOut, "there is no cloud"));

        public Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => Task.FromResult(WorkerSeed.Nothing);

        public Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken) =>
            Task.FromException<IWorkerSession>(new SessionException(SessionErrorKind.Unreachable, "there is nobody"));
    }
}
