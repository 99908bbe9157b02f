using FjBellows.Billing;
using FjBellows.Dispatch;
using FjBellows.Jobs;
using FjBellows.Providers;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Sandbox.Simulation;

/// <summary>
/// What a pool would have done with a history of jobs: the production actors, with their planner, their workers' lives and their journals,
/// under virtual time, in a world in which nothing fails. The same jobs, settings and seed give the same end, to the tick.
/// </summary>
public static class PoolSimulation
{
    private static readonly TimeSpan Chunk = TimeSpan.FromHours(6);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromDays(30);

    /// <summary>Simulates. Runs on the calling thread, which loses its synchronization context.</summary>
    /// <param name="jobs">The jobs, in any order.</param>
    /// <param name="settings">Everything else.</param>
    /// <exception cref="InvalidOperationException">The jobs did not end within a month of the last one's coming, or an actor
    /// failed.</exception>
    public static SimulationResult Run(
        IReadOnlyList<SimulatedJob> jobs, SimulationSettings settings, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(settings);
        var ordered = jobs.OrderBy(j => j.At).ToArray();
        if (ordered.Length == 0)
        {
            return new SimulationResult([], [], settings.Billing);
        }

        var clock = new VirtualClock(ordered[0].At - TimeSpan.FromMinutes(1));
        var history = new SimulatedHistory();
        var queue = new SimulatedQueue(clock, settings.Poll);
        var dice = new Random(settings.Seed);
        var cloud = new VirtualCloud(clock, settings.Billing)
        {
            HourlyPrice = settings.HourlyPrice,
            CreateTakes = settings.CreateTakes,
            BootTakes = _ => settings.Boot * (1 - settings.BootSpread + (2 * settings.BootSpread * dice.NextDouble())),
            Remembers = false,
        };
        var workers = new SimulatedWorkers(clock, cloud, queue);
        var ports = new PoolPorts(queue, queue, cloud, workers, history, new VirtualWorkerNames());
        using var daemon = new VirtualDaemon(clock, PoolOf(ordered, settings), ports) { Watches = false };
        for (var i = 0; i < ordered.Length; i++)
        {
            var (id, job) = (i + 1, ordered[i]);
            clock.Schedule(job.At - clock.Now, () => queue.Add(id, job));
        }

        daemon.Start();
        var last = ordered[^1].At;
        while (clock.Now < last || queue.Open > 0 || cloud.Alive.Any())
        {
            cancellationToken.ThrowIfCancellationRequested();
            clock.Advance(Chunk);
            if (daemon.System.Errors.Count > 0)
            {
                throw new InvalidOperationException($"an actor failed in the simulation: {daemon.System.Errors[0]}");
            }

            if (clock.Now > last + Chunk && settings.Reserve is not null && queue.Open == 0)
            {
                // A reserve never ends by itself: it is billed as if it did with the last job.
                var end = history.Outcomes.Max(o => o.EndedAt);
                history.Ledgers.AddRange(
                    cloud.Alive.Where(m => m.Instance.CreatedAt < end).Select(m => SoFar(m, history.Outcomes, settings, end)));
                break;
            }

            if (clock.Now > last + LongestEnd)
            {
                throw new InvalidOperationException(
                    $"jobs still wait or run ({queue.Open}) a month after the last one came; does scale.max allow any worker?");
            }
        }

        return new SimulationResult(
            [.. history.Outcomes
                .Select(o => o with { Assignment = o.Assignment with { SeenAt = ordered[(int)o.Assignment.Job.Id - 1].At } })],
            history.Ledgers,
            settings.Billing);
    }

    private static WorkerLedger SoFar(
        VirtualMachine machine, IEnumerable<DispatchOutcome> outcomes, SimulationSettings settings, DateTimeOffset end)
    {
        var (name, created) = (machine.Instance.Name, machine.Instance.CreatedAt);
        DispatchOutcome[] ran = [.. outcomes.Where(o => o.Worker == name)];
        var busy = TimeSpan.FromTicks(ran.Sum(o => o.Ran.Ticks));
        var paid = BilledTime.Of(settings.Billing, end - created, settings.HourlyPrice);
        return new WorkerLedger(
            "simulated", name, machine.Instance.Id.Value, "", created, created, machine.ReadyAt, end, busy, paid, settings.HourlyPrice,
            ran.Length, 0, "", "");
    }

    private static PoolSettings PoolOf(SimulatedJob[] jobs, SimulationSettings settings) => new()
    {
        Name = "simulated",
        Labels = LabelSet.Parse(jobs.SelectMany(j => j.Labels).Distinct(StringComparer.Ordinal).Select(l => $"{l}:host")),
        Ownership = new Ownership("sim", "sim-owner"),
        Max = settings.Max,
        Waiting = settings.Waiting,
        Reserve = settings.Reserve,
        Teardown = settings.Teardown,
        SingleUse = settings.SingleUse,
        // Nothing goes wrong in this world, so nothing has to be looked for; the queue answers when there is something new.
        Poll = new PollSettings
        {
            Interval = TimeSpan.FromMilliseconds(1),
            BusyInterval = TimeSpan.FromMilliseconds(1),
            Runners = TimeSpan.FromDays(1),
            OwnRunner = TimeSpan.FromDays(1),
            Instances = TimeSpan.FromDays(1),
            RequestTimeout = TimeSpan.FromDays(40),
        },
        Timeouts = new TimeoutSettings { MaxJobRuntime = TimeSpan.Zero },
    };

    private sealed class SimulatedHistory : IPoolHistory
    {
        private readonly HashSet<DispatchId> _known = [];

        public List<DispatchOutcome> Outcomes { get; } = [];

        public List<WorkerLedger> Ledgers { get; } = [];

        public Task AppendAsync(DispatchOutcome outcome, CancellationToken cancellationToken)
        {
            if (_known.Add(outcome.Assignment.Dispatch))
            {
                Outcomes.Add(outcome);
            }

            return Task.CompletedTask;
        }

        public Task AppendAsync(WorkerLedger ledger, CancellationToken cancellationToken)
        {
            Ledgers.Add(ledger);
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<DispatchOutcome>> OutcomesAsync(
            string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<DispatchOutcome>>([]);

        public Task<IReadOnlyList<WorkerLedger>> LedgersAsync(
            string pool, DateTimeOffset since, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<WorkerLedger>>([]);

        public Task PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
