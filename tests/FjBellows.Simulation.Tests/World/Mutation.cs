using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Pool;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;
using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <summary>A known bug, put between the pool and the world: what the pool would do with the bug inside, it does with it before its
/// door.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Rule">The invariant that it breaks.</param>
internal sealed record Mutation(string Name, string Rule)
{
    /// <summary>The seed to begin with: the first that found it when it was searched for.</summary>
    public int FoundBy { get; init; } = 1;

    /// <summary>The first of the seeds that are searched.</summary>
    public int FirstSeed { get; init; } = 1;

    /// <summary>Histories written for it, tried before any seed: what no seed of the first hundred brings about.</summary>
    public IReadOnlyList<History> Written { get; init; } = [];

    /// <summary>Another rule under which it shows, as the nearest effect; null where it shows under <see cref="Rule"/>.</summary>
    public string? FoundAs { get; init; }

    /// <summary>True while the product has the bug itself: then nothing can tell the two apart.</summary>
    public bool IsTheProductsOwn { get; init; }

    /// <summary>Changes what the pool works with.</summary>
    public Func<PoolPorts, PoolPorts> Ports { get; init; } = ports => ports;

    /// <summary>Changes what the pool is told, unlike what it is judged by.</summary>
    public Func<PoolSettings, PoolSettings> Settings { get; init; } = settings => settings;

    /// <summary>Says which events the journal confirms and never writes.</summary>
    public Func<object, bool>? Unwritten { get; init; }

    /// <summary>Changes the world in a way that has the effect of a bug in the product.</summary>
    public Action<SimulatedWorld> World { get; init; } = _ => { };

    /// <summary>True when the pool's clock jumps with the wall clock.</summary>
    public bool JumpingClock { get; init; }

    /// <summary>Every bug known here.</summary>
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new("running jobs count as waiting", "J1")
        {
            FoundBy = 12,
            Ports = p =>
                p with { Queue = new Queue(p.Queue, jobs => [.. jobs.Select(j => j with { Status = JobStatus.Waiting, TaskId = 0 })]) },
        },
        new("a queue seen long ago is taken for the present one", "W12")
        {
            FoundBy = 2,
            Ports = p => p with { Queue = new StaleQueue(p.Queue) },
        },
        new("labels are not compared", "J6")
        {
            FoundBy = 2,
            Ports = p => p with { Queue = new Queue(p.Queue, jobs => [.. jobs.Select(j => j with { RunsOn = ["docker"] })]) },
        },
        new("no hold after a dispatch without a task", "J7")
        {
            FoundBy = 4,
            Settings = s => s with
            {
                Timeouts =
                    s.Timeouts with { NoTaskHold = new BackoffSettings(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1)) },
            },
        },
        new("a registration that was never active is taken for one that ran a task", "J11")
        {
            FoundBy = 70,
            Ports = p => p with { Runners = new Registry(p.Runners) { IdleIsGone = true } },
        },
        new("a cancelled job's runner is never missed", "J9")
        {
            FoundBy = 16,
            Ports = p => p with { Runners = new Registry(p.Runners) { NeverMissing = true } },
        },
        new("outcomes are not recorded", "J10") { Ports = p => p with { History = new Forgetful(p.History) } },
        new("a busy worker is given up after 5 s without a link", "W14")
        {
            FoundBy = 20,
            Settings = s => s with { Timeouts = s.Timeouts with { BusyConnectionLoss = TimeSpan.FromSeconds(5) } },
        },
        new("a worker's processes are not asked for after a restart", "W14")
        {
            FoundBy = 3,
            Ports = p => p with { Connector = new Connector(p.Connector) { Blind = true } },
        },
        new("what a job left is not cleaned up",
            "W13") { Ports = p => p with { Connector = new Connector(p.Connector) { Untidy = true } } },
        new("the maximum is passed by one", "W1") { Settings = s => s with { Max = s.Max + 1 } },
        new("the pool does not write down which workers it plans", "W2") { FoundBy = 11, Unwritten = e => e is PoolProtocol.WorkerPlanned },
        new("a job's assignment is not written down", "W8") { FoundBy = 13, Unwritten = e => e is WorkerProtocol.JobAssigned
            or WorkerProtocol.RunnerRegistered or WorkerProtocol.JobStarted or WorkerProtocol.JobEnded },
        new("an instance's id is not written down", "W2") { FoundBy = 16, Unwritten = e => e is WorkerProtocol.InstanceCreated },
        new("a failed deletion is taken for a success", "W7")
        {
            FoundBy = 22,
            Ports = p => p with { Cloud = new Cloud(p.Cloud) { BelievesDelete = true } },
        },
        new("the owner's mark is not looked at", "O1") { Ports = p => p with { Cloud = new Cloud(p.Cloud) { OwnsAll = true } } },
        new("registrations are taken for ours by prefix", "O3")
        {
            FoundBy = 20,
            Ports = p => p with { Runners = new Registry(p.Runners) { ByPrefix = true } },
        },
        new("registrations are not deleted", "O4")
        {
            FoundBy = 4,
            Ports = p => p with { Runners = new Registry(p.Runners) { Keeps = true } },
        },
        new("the pin is not kept", "S1") { Ports = p => p with { Connector = new Connector(p.Connector) { Unpinned = true } } },
        new("idle workers are kept to the last second of their hour",
            "B2") { Settings = s => s with { Teardown = s.Teardown with { HourMargin = TimeSpan.FromMilliseconds(1) } } },
        new("workers are given up before they can boot",
            "W18") { Settings = s => s with { Timeouts = s.Timeouts with { Boot = TimeSpan.FromSeconds(10) } } },
        new("the queue is asked once in five minutes", "R3") { Ports = p => p with { Queue = new RareQueue(p.Queue) } },
        new("a kill is never sent", "J9")
        {
            Written =
                [Directed.History(
                    Directed.Job(0, 60), new ProcessHangs(Directed.Minutes(15), 0), new JobCancelled(Directed.Minutes(20), 0))],
            Ports = p => p with { Connector = new Connector(p.Connector) { NeverKills = true } },
        },
        new("a clean-up that failed is taken for a success", "W16")
        {
            FirstSeed = HistoryGenerator.Real,
            FoundAs = "W13",
            Written =
                [Directed.History(
                    Directed.Commands("clean", CallFate.Fails, machine: 1, minutes: 600), Directed.Job(0, 2), Directed.Job(4, 2),
                    Directed.Job(8, 2))],
            Ports = p => p with { Connector = new Connector(p.Connector) { BelievesCleaning = true } },
        },
        new("runners do not deliver a result again", "J13")
        {
            FoundBy = 8,
            FirstSeed = HistoryGenerator.Real,
            World = w => w.Connector.Runners = w.Connector.Runners with { Retry = new ReportRetry(1, TimeSpan.FromSeconds(1)) },
        },
        new("runners do not wait for an answer that was lost", "J7")
        {
            FoundBy = 12,
            FirstSeed = HistoryGenerator.Real,
            IsTheProductsOwn = !ProductRunner.Traits.Waits,
            World = w => w.Connector.Runners = w.Connector.Runners with { Waits = false },
        },
        new("the clock jumps with the wall clock", "R6") { FoundBy = 65, JumpingClock = true },
    ];

    private sealed class Queue(IJobQueue inner, Func<IReadOnlyList<QueuedJob>, IReadOnlyList<QueuedJob>> change) : IJobQueue
    {
        public async Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken) =>
            change(await inner.ListAsync(cancellationToken).ConfigureAwait(false));
    }

    private sealed class StaleQueue(IJobQueue inner) : IJobQueue
    {
        private IReadOnlyList<QueuedJob> _kept = [];
        private int _looks;

        public async Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken)
        {
            var now = await inner.ListAsync(cancellationToken).ConfigureAwait(false);
            return _kept = _looks++ % 60 == 0 ? now : _kept;
        }
    }

    private sealed class RareQueue(IJobQueue inner) : IJobQueue
    {
        private IReadOnlyList<QueuedJob> _kept = [];
        private int _looks;

        public async Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken)
        {
            if (_looks++ % 300 == 0)
            {
                _kept = await inner.ListAsync(cancellationToken).ConfigureAwait(false);
            }

            return _kept;
        }
    }

    private sealed class Registry(IRunnerRegistry inner) : IRunnerRegistry
    {
        private string? _ours;

        public bool NeverMissing { get; init; }

        public bool ByPrefix { get; init; }

        public bool Keeps { get; init; }

        public bool IdleIsGone { get; init; }

        public Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken)
        {
            _ours = name;
            return inner.RegisterAsync(name, description, cancellationToken);
        }

        public async Task<IReadOnlyList<RegisteredRunner>> ListAsync(CancellationToken cancellationToken)
        {
            var rows = await inner.ListAsync(cancellationToken).ConfigureAwait(false);
            return ByPrefix && _ours is { } ours
                ? [.. rows
                    .Select(r => r.Name.StartsWith("cid-", StringComparison.Ordinal)
                        && !r.Name.StartsWith("cid-w0", StringComparison.Ordinal) ? r with { Name = ours } : r)]
                : rows;
        }

        public async Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken)
        {
            var row = await inner.GetAsync(id, cancellationToken).ConfigureAwait(false);
            if (IdleIsGone && row is { Status: RunnerStatus.Idle })
            {
                return null;
            }

            return row ?? (NeverMissing ? new RegisteredRunner(id, "", "", RunnerStatus.Active, true) : null);
        }

        public Task DeleteAsync(long id, CancellationToken cancellationToken) =>
            Keeps ? Task.CompletedTask : inner.DeleteAsync(id, cancellationToken);
    }

    private sealed class Forgetful(IPoolHistory inner) : IPoolHistory
    {
        public Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken) => inner.AppendAsync(ledger, cancellationToken);

        public Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(
            string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
            inner.OutcomesAsync(pool, since, limit, cancellationToken);

        public Task<IReadOnlyList<WorkerLedger>> LedgersAsync(
            string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
            inner.LedgersAsync(pool, since, limit, cancellationToken);

        public Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => inner.PruneAsync(before, cancellationToken);
    }

    private sealed class Cloud(ICloudProvider inner) : ICloudProvider
    {
        private readonly HashSet<InstanceId> _deleted = [];

        public bool BelievesDelete { get; init; }

        public bool OwnsAll { get; init; }

        public string Name => inner.Name;

        public FjBellows.Billing.BillingModel Billing => inner.Billing;

        public ProviderCapabilities Capabilities => inner.Capabilities;

        public Task<Instance> CreateAsync(InstanceSpec spec, CancellationToken cancellationToken) =>
            inner.CreateAsync(spec, cancellationToken);

        public async Task<IReadOnlyList<Instance>> ListAsync(Ownership ownership, CancellationToken cancellationToken)
        {
            var all = await inner.ListAsync(ownership, cancellationToken).ConfigureAwait(false);
            return [.. all.Where(i => !_deleted.Contains(i.Id))
                .Select(i => OwnsAll ? i with { Tags = [ownership.Tag, ownership.Owner] } : i)];
        }

        public async Task<Instance?> GetAsync(InstanceId id, CancellationToken cancellationToken)
        {
            return _deleted.Contains(id) ? null : await inner.GetAsync(id, cancellationToken).ConfigureAwait(false);
        }

        public async Task DeleteAsync(InstanceId id, string name, CancellationToken cancellationToken)
        {
            try
            {
                await inner.DeleteAsync(id, name, cancellationToken).ConfigureAwait(false);
            }
            catch (CloudException) when (BelievesDelete)
            {
                _deleted.Add(id);
            }
        }
    }

    private sealed class Connector(IWorkerConnector inner) : IWorkerConnector
    {
        public bool Blind { get; init; }

        public bool Unpinned { get; init; }

        public bool Untidy { get; init; }

        public bool NeverKills { get; init; }

        public bool BelievesCleaning { get; init; }

        public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => inner.SeedAsync(worker, cancellationToken);

        public async Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken) =>
            new Session(
                this, await inner.ConnectAsync(
                    Unpinned ? endpoint with { HostKey = null } : endpoint, cancellationToken).ConfigureAwait(false));

        private sealed class Session(Connector way, IWorkerSession inner) : IWorkerSession
        {
            public Task<string> Lost => inner.Lost;

            public string? HostKey => inner.HostKey;

            public Task<Readiness> CheckReadyAsync(CancellationToken cancellationToken) => inner.CheckReadyAsync(cancellationToken);

            public Task StartAsync(JobLaunch launch, CancellationToken cancellationToken) => inner.StartAsync(launch, cancellationToken);

            public Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken) =>
                inner.FollowAsync(dispatch, log, cancellationToken);

            public async Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken)
            {
                var found = await inner.InspectAsync(cancellationToken).ConfigureAwait(false);
                return way.Blind ? [] : found;
            }

            public Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken) =>
                way.NeverKills && signal == RunnerSignal.Kill ? Task.CompletedTask : inner.SignalAsync(dispatch, signal, cancellationToken);

            public Task<WaitEnd> EndWaitAsync(DispatchId dispatch, CancellationToken cancellationToken) =>
                inner.EndWaitAsync(dispatch, cancellationToken);

            public async Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken)
            {
                if (way.Untidy)
                {
                    return;
                }

                try
                {
                    await inner.CleanAsync(dispatch, cancellationToken).ConfigureAwait(false);
                }
                catch (SessionException e) when (way.BelievesCleaning && e.Kind != SessionErrorKind.Unreachable)
                {
                    // The bug.
                }
            }

            public Task<CommandResult> ExecAsync(string command, CancellationToken cancellationToken) =>
                inner.ExecAsync(command, cancellationToken);

            public ValueTask DisposeAsync() => inner.DisposeAsync();
        }
    }
}
