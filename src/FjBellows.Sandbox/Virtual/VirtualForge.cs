using FjBellows.Jobs;
using FjBellows.Sandbox.Forge;

namespace FjBellows.Sandbox.Virtual;

/// <summary>The stand-in's rules behind the library's ports, in one process and on virtual time.</summary>
public sealed class VirtualForge : IJobQueue, IRunnerRegistry
{
    private readonly VirtualClock _clock;
    private readonly ForgeScope _scope = ForgeScope.Admin;

    /// <summary>An empty Forgejo.</summary>
    /// <param name="clock">The world's clock.</param>
    /// <param name="seed">Makes its uuids and tokens repeatable.</param>
    public VirtualForge(VirtualClock clock, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(clock);
        _clock = clock;
        State = new ForgeState(new ForgeStateOptions { Random = new Random(seed) }, clock.AsTimeProvider());
    }

    /// <summary>Queue and registrations.</summary>
    public ForgeState State { get; }

    /// <summary>How long an answer takes.</summary>
    public TimeSpan Latency { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Asked on every call, by its name: an exception is thrown after the latency, before anything is done.</summary>
    public Func<string, Exception?>? Fails { get; set; }

    /// <summary>Asked on every call: true loses the answer after the call was carried out.</summary>
    public Func<string, bool>? LosesAnswer { get; set; }

    /// <summary>Asked as a call leaves, by its name: false when its caller is dead, so that it never leaves.</summary>
    public Func<string, bool>? Leaves { get; set; }

    /// <summary>Called when a call was carried out, before its answer goes back.</summary>
    public Action<string>? CarriedOut { get; set; }

    /// <summary>How much later than its effect a call's answer comes.</summary>
    public TimeSpan AnswerTakes { get; set; }

    /// <summary>Calls so far, by name.</summary>
    public Dictionary<string, int> Calls { get; } = [];

    /// <summary>Changes the queue's answer on its way, as a proxy or a bug would.</summary>
    public Func<IReadOnlyList<QueuedJob>, IReadOnlyList<QueuedJob>>? Distort { get; set; }

    /// <summary>True while Forgejo answers no request, of runners neither.</summary>
    public bool IsAway { get; set; }

    /// <summary>Asked when a runner's call was carried out, by its name (declare, fetch, report) and machine: true loses the
    /// answer.</summary>
    public Func<string, VirtualMachine, bool>? LosesRunnersAnswer { get; set; }

    /// <summary>Says which registrations a listing leaves out, as its pages do when rows move between them.</summary>
    public Func<long, bool>? Omits { get; set; }

    /// <summary>Says which waiting jobs are listed and never handed out.</summary>
    public Func<ForgeJob, bool>? Withholds { get; set; }

    /// <summary>After how long Forgejo cancels a job that waits.</summary>
    public TimeSpan AbandonedAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>What Forgejo's cron does: silent jobs fail, and jobs that wait for very long are cancelled.</summary>
    public void Sweep()
    {
        State.Sweep();
        foreach (var job in State.OpenJobs(_scope)
            .Where(j => j.Status == ForgeJobStatus.Waiting && j.QueuedAt + AbandonedAfter < _clock.Now))
        {
            State.Cancel(job.Id);
        }
    }

    /// <summary>Queues a job that takes some time to run.</summary>
    /// <param name="takes">How long its steps take.</param>
    /// <param name="label">The label it asks for.</param>
    /// <param name="group">Its concurrency group.</param>
    public ForgeJob Enqueue(TimeSpan takes, string label = "docker", string? group = null) => State.Enqueue(
        "octo/repo",
        new ForgeJobRequest("build", [label], takes.ToString("c")) { ConcurrencyGroup = group });

    /// <inheritdoc />
    public Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken) => CallAsync<IReadOnlyList<QueuedJob>>(
        "jobs",
        () =>
        {
            IReadOnlyList<QueuedJob> jobs = [.. State.OpenJobs(_scope).Select(Listed)];
            return Distort is { } distort ? distort(jobs) : jobs;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken) => CallAsync(
        "register",
        () =>
        {
            var made = State.Register(_scope, name, description);
            return new RunnerCredentials(made.Id, made.Uuid, made.Token);
        },
        cancellationToken);

    /// <inheritdoc />
    Task<IReadOnlyList<RegisteredRunner>> IRunnerRegistry.ListAsync(CancellationToken cancellationToken) =>
        CallAsync<IReadOnlyList<RegisteredRunner>>(
        "runners", () => [.. State.Runners(_scope).Where(r => Omits?.Invoke(r.Id) != true).Select(Row)], cancellationToken);

    /// <inheritdoc />
    public Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken) => CallAsync(
        "runner",
        () =>
        {
            try
            {
                return Row(State.Runner(_scope, id));
            }
            catch (ForgeRefusedException e) when (e.Reason == ForgeRefusal.NotFound)
            {
                return null;
            }
        },
        cancellationToken);

    /// <inheritdoc />
    public Task DeleteAsync(long id, CancellationToken cancellationToken) => CallAsync(
        "unregister",
        () =>
        {
            try
            {
                State.Delete(_scope, id);
            }
            catch (ForgeRefusedException e) when (e.Reason == ForgeRefusal.NotFound)
            {
                // Gone already, which is what was asked for.
            }

            return true;
        },
        cancellationToken);

    /// <summary>True for the handle of a job that waits and is not handed out.</summary>
    internal bool WithholdsHandle(string handle) =>
        Withholds is { } withholds
            && State.OpenJobs(_scope).Any(j => j.Handle == handle && j.Status == ForgeJobStatus.Waiting && withholds(j));

    private static QueuedJob Listed(ForgeJob job) => new(
        job.Id,
        job.Attempt,
        job.Handle,
        job.RepositoryId,
        job.OwnerId,
        job.Name,
        job.RunsOn,
        job.Status switch
        {
            ForgeJobStatus.Waiting => JobStatus.Waiting,
            ForgeJobStatus.Running => JobStatus.Running,
            _ =>
            JobStatus.Other
        },
        job.TaskId);

    private static RegisteredRunner Row(ForgeRunner runner) => new(
        runner.Id,
        runner.Uuid,
        runner.Name,
        runner.Status switch
        {
            "offline" => RunnerStatus.Offline,
            "idle" => RunnerStatus.Idle,
            "active" => RunnerStatus.Active,
            _ => RunnerStatus.Unknown,
        },
        runner.Ephemeral);

    private async Task<T> CallAsync<T>(string name, Func<T> call, CancellationToken cancellationToken)
    {
        Calls[name] = Calls.GetValueOrDefault(name) + 1;
        if (Leaves?.Invoke(name) == false)
        {
            await new TaskCompletionSource().Task.ConfigureAwait(false);
        }

        await _clock.Delay(Latency, cancellationToken).ConfigureAwait(false);
        if ((IsAway
            ? new ForgejoException(ForgejoErrorKind.Unreachable, $"{name}: connection refused")
            : Fails?.Invoke(name)) is { } failure)
        {
            throw failure;
        }

        var answer = call();
        CarriedOut?.Invoke(name);
        if (AnswerTakes > TimeSpan.Zero)
        {
            await _clock.Delay(AnswerTakes, cancellationToken).ConfigureAwait(false);
        }

        return LosesAnswer?.Invoke(name) == true
            ? throw new ForgejoException(ForgejoErrorKind.Unreachable, $"{name}: the answer was lost")
            : answer;
    }
}
