using FjBellows.Dispatch;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Sandbox.Virtual;

/// <summary>Reaches the machines of a <see cref="VirtualCloud"/>.</summary>
/// <param name="clock">The world's clock.</param>
/// <param name="cloud">Where the machines are.</param>
/// <param name="forge">Where their runners report.</param>
public sealed class VirtualConnector(VirtualClock clock, VirtualCloud cloud, VirtualForge forge) : IWorkerConnector
{
    /// <summary>One way to a worker.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(30);

    /// <summary>False for a world in which no worker can be given a host key: the first one it shows is trusted (invariant S2).</summary>
    public bool SeedsHostKeys { get; set; } = true;

    /// <summary>Asked before each start of a process, by dispatch: an exception is the worker's refusal.</summary>
    public Func<JobLaunch, Exception?>? RefusesLaunch { get; set; }

    /// <summary>Asked after each start of a process: true breaks the link before the answer.</summary>
    public Func<JobLaunch, bool>? LosesLaunchAnswer { get; set; }

    /// <summary>Asked as a call leaves, by its name (connect, check, start, follow, followed, inspect, signal, clean, exec): false when its caller is dead.</summary>
    public Func<string, bool>? Leaves { get; set; }

    /// <summary>Told when a call was carried out, before its answer goes back.</summary>
    public Action<string>? CarriedOut { get; set; }

    /// <summary>Told of every attempt to open a session.</summary>
    public Action<WorkerEndpoint>? Dialling { get; set; }

    /// <summary>Sessions opened so far.</summary>
    public int Dials { get; private set; }

    /// <inheritdoc />
    public Task<WorkerSeed> SeedAsync(string worker, CancellationToken cancellationToken) =>
        Task.FromResult(new WorkerSeed(SeedsHostKeys ? KeyOf(worker) : null, new Secret(""), []));

    /// <inheritdoc />
    public async Task<IWorkerSession> ConnectAsync(WorkerEndpoint endpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        Dialling?.Invoke(endpoint);
        if (Leaves?.Invoke("connect") == false)
        {
            await new TaskCompletionSource().Task.ConfigureAwait(false);
        }

        await clock.Delay(Latency * 3, cancellationToken).ConfigureAwait(false);
        var machine = cloud.Machines.FirstOrDefault(m => m.Instance.Id.Value == endpoint.InstanceId);
        if (machine is null || machine.GoneAt is not null || machine.Unreachable)
        {
            throw new SessionException(SessionErrorKind.Unreachable, "nothing answered");
        }

        if (endpoint.HostKey is { } pin && pin != ShownBy(machine))
        {
            throw new SessionException(SessionErrorKind.HostKeyMismatch, "the host showed another key");
        }

        Dials++;
        CarriedOut?.Invoke("connect");
        return new Session(this, machine);
    }

    private static string KeyOf(string worker) => $"ssh-ed25519 {worker}";

    private static string ShownBy(VirtualMachine machine) => KeyOf(machine.WrongHostKey ? "stranger" : machine.Instance.Name);

    private sealed class Session : IWorkerSession
    {
        private readonly VirtualConnector _way;
        private readonly VirtualMachine _machine;
        private readonly VirtualSignal<string> _lost;

        public Session(VirtualConnector way, VirtualMachine machine)
        {
            (_way, _machine, HostKey) = (way, machine, ShownBy(machine));
            _lost = new VirtualSignal<string>(way.WorldClock);
            machine.Broken += OnBroken;
        }

        public Task<string> Lost => _lost.WaitAsync();

        public string? HostKey { get; }

        public Task<Readiness> CheckReadyAsync(CancellationToken cancellationToken) => CallAsync(
            "check",
            () => _machine.Unready is { } why ? new Readiness(false, false, why)
                : _machine.ReadyAt <= Clock.Now ? new Readiness(true, false, "v12.10.1") : new Readiness(false, false, "cloud-init still runs"),
            cancellationToken);

        public Task StartAsync(JobLaunch launch, CancellationToken cancellationToken) => CallAsync(
            "start",
            () =>
            {
                if (_way.RefusesLaunch?.Invoke(launch) is { } refusal)
                {
                    throw refusal;
                }

                if (!_machine.Processes.ContainsKey(launch.Dispatch.Value))
                {
                    _machine.Add(new VirtualProcess(Clock, _way.State, launch));
                }

                if (_way.LosesLaunchAnswer?.Invoke(launch) == true)
                {
                    _machine.BreakLinks();
                }

                return true;
            },
            cancellationToken);

        public async Task<JobExit> FollowAsync(DispatchId dispatch, RunnerLog? log, CancellationToken cancellationToken)
        {
            var process = await CallAsync("follow", () => _machine.Processes.GetValueOrDefault(dispatch.Value), cancellationToken).ConfigureAwait(false);
            if (process is null)
            {
                return new JobExit(null, "");
            }

            // Not Task.WhenAny: it lets its continuation run on another thread.
            var over = new TaskCompletionSource();
            using var cancelled = cancellationToken.Register(() => over.TrySetCanceled(cancellationToken));
            process.Ended.Then(_ => over.TrySetResult());
            _lost.Then(_ => over.TrySetResult());
            await over.Task.ConfigureAwait(false);
            return await CallAsync("followed", () => new JobExit(process.ExitCode, "task done"), cancellationToken).ConfigureAwait(false);
        }

        public Task<IReadOnlyList<RunnerProcess>> InspectAsync(CancellationToken cancellationToken) => CallAsync<IReadOnlyList<RunnerProcess>>(
            "inspect",
            () => [.. _machine.Processes.Values.Where(p => !p.Cleaned).Select(p => new RunnerProcess(p.Launch.Dispatch, p.Alive, p.ExitCode))],
            cancellationToken);

        public Task SignalAsync(DispatchId dispatch, RunnerSignal signal, CancellationToken cancellationToken) => CallAsync(
            "signal",
            () =>
            {
                _machine.Signal(dispatch.Value, signal);
                return true;
            },
            cancellationToken);

        public Task CleanAsync(DispatchId dispatch, CancellationToken cancellationToken) => CallAsync(
            "clean",
            () =>
            {
                if (_machine.Processes.ContainsKey(dispatch.Value))
                {
                    _machine.Clean(dispatch.Value);
                }

                return true;
            },
            cancellationToken);

        public Task<CommandResult> ExecAsync(string command, CancellationToken cancellationToken) =>
            CallAsync("exec", () => new CommandResult(0, "", ""), cancellationToken);

        public ValueTask DisposeAsync()
        {
            _machine.Broken -= OnBroken;
            return ValueTask.CompletedTask;
        }

        private VirtualClock Clock => _way.WorldClock;

        private void OnBroken() => _lost.Set("the link broke");

        private async Task<T> CallAsync<T>(string name, Func<T> call, CancellationToken cancellationToken)
        {
            if (_way.Leaves?.Invoke(name) == false)
            {
                return await new TaskCompletionSource<T>().Task.ConfigureAwait(false);
            }

            await Clock.Delay(_way.Latency, cancellationToken).ConfigureAwait(false);
            Check();
            var answer = call();
            _way.CarriedOut?.Invoke(name);
            await Clock.Delay(_way.Latency, cancellationToken).ConfigureAwait(false);
            Check();
            return answer;
        }

        private void Check()
        {
            if (_machine.GoneAt is not null || _machine.Unreachable || _lost.IsSet)
            {
                throw new SessionException(SessionErrorKind.Unreachable, "the link is gone");
            }
        }
    }

    private VirtualClock WorldClock => clock;

    private ForgeState State => forge.State;
}
