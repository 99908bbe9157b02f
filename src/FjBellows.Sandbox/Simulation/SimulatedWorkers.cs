using FjBellows.Dispatch;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Sandbox.Simulation;

/// <summary>Reaches the machines of a cloud in which nothing fails: calls are answered at once, processes run as long as their job
/// says.</summary>
internal sealed class SimulatedWorkers : IWorkerConnector
{
    private static readonly WorkerSeed Seed = new(null, new Secret(""), []);

    private readonly VirtualClock _clock;
    private readonly SimulatedQueue _queue;
    private readonly Dictionary<string, VirtualMachine> _machines = new(StringComparer.Ordinal);

    public SimulatedWorkers(VirtualClock clock, VirtualCloud cloud, SimulatedQueue queue)
    {
        (_clock, _queue) = (clock, queue);
        cloud.Made = machine => _machines[machine.Instance.Id.Value] = machine;
        cloud.Deleting = machine => _machines.Remove(machine.Instance.Id.Value);
    }

    /// <inheritdoc />
    public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) => Task.FromResult(Seed);

    /// <inheritdoc />
    public Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken) =>
        _machines.TryGetValue(endpoint.InstanceId, out var machine)
            ? Task.FromResult<IWorkerSession>(new Session(this, machine))
            : throw new SessionException(SessionErrorKind.Unreachable, "nothing answered");

    private sealed class Session : IWorkerSession
    {
        private readonly SimulatedWorkers _way;
        private readonly VirtualMachine _machine;
        private readonly TaskCompletionSource<string> _lost = new();
        private readonly Dictionary<DispatchId, TaskCompletionSource<JobExit>> _running = [];

        public Session(SimulatedWorkers way, VirtualMachine machine)
        {
            (_way, _machine) = (way, machine);
            machine.Broken += OnBroken;
        }

        public Task<string> Lost => _lost.Task;

        public string? HostKey => null;

        public Task<Readiness> CheckReadyAsync(CancellationToken cancellationToken) =>
            Task.FromResult(
                _machine.ReadyAt <= _way._clock.Now ? new Readiness(true, false, "simulated") : new Readiness(false, false, "it boots"));

        public Task StartAsync(JobLaunch launch, CancellationToken cancellationToken)
        {
            var exit = new TaskCompletionSource<JobExit>();
            _running[launch.Dispatch] = exit;
            var (id, takes) = _way._queue.Start(launch.Handle, launch.Uuid);
            _way._clock.Schedule(takes, () =>
            {
                _way._queue.End(id, launch.Uuid);
                exit.TrySetResult(new JobExit(0, ""));
            });
            return Task.CompletedTask;
        }

        public Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken) =>
            _running[dispatch].Task;

        public Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<RunnerProcess>>(
                [.. _running.Select(r => new RunnerProcess(r.Key, !r.Value.Task.IsCompleted, r.Value.Task.IsCompleted ? 0 : null))]);

        public Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken)
        {
            _running.Remove(dispatch);
            return Task.CompletedTask;
        }

        public Task<CommandResult> ExecAsync(string command, CancellationToken cancellationToken) =>
            Task.FromResult(new CommandResult(0, "", ""));

        public ValueTask DisposeAsync()
        {
            _machine.Broken -= OnBroken;
            return ValueTask.CompletedTask;
        }

        private void OnBroken() => _lost.TrySetResult("the machine is gone");
    }
}
