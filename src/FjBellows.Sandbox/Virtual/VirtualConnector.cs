using System.Security.Cryptography;
using System.Text;
using FjBellows.Dispatch;

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

    /// <summary>How runners reach Forgejo.</summary>
    public RunnerReach Reach { get; set; } = RunnerReach.Direct;

    /// <summary>What runners are given when they start.</summary>
    public RunnerTraits Runners { get; set; } = RunnerTraits.Plain;

    /// <summary>The version that a ready worker's runner says.</summary>
    public string RunnerVersion { get; set; } = "v12.10.1";

    /// <summary>Asked before each start of a process, by dispatch: an exception is the worker's refusal.</summary>
    public Func<JobLaunch, Exception?>? RefusesLaunch { get; set; }

    /// <summary>Asked after each start of a process: true breaks the link before the answer.</summary>
    public Func<JobLaunch, bool>? LosesLaunchAnswer { get; set; }

    /// <summary>Asked on every call of a session that stands, by its name, machine and dispatch: what becomes of that call.</summary>
    public Func<string, VirtualMachine, DispatchId?, CallFate>? Meets { get; set; }

    /// <summary>Makes what a call fails with; an error of the command itself when null.</summary>
    public Func<string, Exception>? Failure { get; set; }

    /// <summary>Takes a follower's log and the lines printed so far, and returns what takes each further line; null where no one
    /// listens.</summary>
    public Func<RunnerLog, IReadOnlyList<string>, Action<string>?>? Hears { get; set; }

    /// <summary>Asked as a call leaves, by its name (connect, check, start, follow, followed, inspect, signal, clean, exec): false when its
    /// caller is dead.</summary>
    public Func<string, bool>? Leaves { get; set; }

    /// <summary>Called when a call was carried out, before its answer goes back.</summary>
    public Action<string>? CarriedOut { get; set; }

    /// <summary>Called for every attempt to open a session.</summary>
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
        var machine = cloud.Alive.FirstOrDefault(m => m.Instance.Id.Value == endpoint.InstanceId);
        if (machine is null || machine.Unreachable)
        {
            throw new SessionException(SessionErrorKind.Unreachable, "nothing answered");
        }

        if (endpoint.HostKey is { } pin && pin != ShownBy(machine))
        {
            throw new SessionException(SessionErrorKind.HostKeyMismatch, "the host showed another key");
        }

        if (Meets?.Invoke("connect", machine, null) is CallFate.Fails or CallFate.FailsAfterwards or CallFate.Hangs)
        {
            throw FailureOf("connect");
        }

        Dials++;
        CarriedOut?.Invoke("connect");
        return new VirtualSession(this, clock, machine, ShownBy(machine));
    }

    /// <summary>The host key of a worker, in OpenSSH's form: as long as a real one, so that it can be read from an instance's marks
    /// again.</summary>
    /// <param name="worker">The worker's name.</param>
    public static string KeyOf(string worker)
    {
        byte[] wire = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. SHA256.HashData(Encoding.UTF8.GetBytes(worker))];
        return $"ssh-ed25519 {Convert.ToBase64String(wire)}";
    }

    internal VirtualProcess NewProcess(VirtualMachine machine, JobLaunch launch) => new(
        clock,
        new RunnerLine(clock, forge.State)
        {
            State = () => LineOf(machine),
            LosesAnswer = call => forge.LosesRunnersAnswer?.Invoke(call, machine) == true,
            Withholds = handle => forge.WithholdsHandle(handle),
        },
        Runners,
        launch);

    internal Exception FailureOf(string call) =>
        Failure?.Invoke(call) ?? new SessionException(SessionErrorKind.CommandFailed, $"{call}: the command ended with exit code 1");


    private static string ShownBy(VirtualMachine machine) => KeyOf(machine.WrongHostKey ? "stranger" : machine.Instance.Name);

    private LineState LineOf(VirtualMachine machine) =>
        forge.IsAway ? LineState.Refused
        : Reach == RunnerReach.Direct ? LineState.Up
        : machine.Sessions == 0 ? LineState.Refused
        : machine.Unreachable ? LineState.Silent
        : LineState.Up;
}
