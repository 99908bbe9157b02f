using System.Globalization;
using FjBellows.Jobs;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Sandbox.Simulation;

/// <summary>
/// A Forgejo in which nothing fails: the queue and the registrations, without the rules that only matter when something goes wrong
/// (<see cref="VirtualForge"/> has those). A look at an unchanged queue teaches nothing, so it is answered when there is something new to
/// see, at the moment at which a look of the configured interval would have seen it: that makes months pass in seconds.
/// </summary>
internal sealed class SimulatedQueue : IJobQueue, IRunnerRegistry
{
    private readonly VirtualClock _clock;
    private readonly PollSettings _poll;
    private readonly Dictionary<long, QueuedJob> _open = [];
    private readonly Dictionary<long, RegisteredRunner> _runners = [];
    private readonly Dictionary<string, long> _repositories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _byUuid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Id, TimeSpan Takes)> _byHandle = new(StringComparer.Ordinal);
    private TaskCompletionSource? _look;
    private DateTimeOffset _busyUntil = DateTimeOffset.MinValue;
    private bool _unseen;
    private bool _lookDue;
    private long _nextRunner;

    public SimulatedQueue(VirtualClock clock, PollSettings poll) => (_clock, _poll) = (clock, poll);

    /// <summary>Jobs that wait or run.</summary>
    public int Open => _open.Count;

    /// <summary>Puts a job on the queue.</summary>
    public void Add(long id, SimulatedJob job)
    {
        if (!_repositories.TryGetValue(job.Repository, out var repository))
        {
            _repositories[job.Repository] = repository = _repositories.Count + 1;
        }

        var handle = id.ToString(CultureInfo.InvariantCulture);
        _open[id] = new QueuedJob(id, 1, handle, repository, 1, job.Name, job.Labels, JobStatus.Waiting, 0);
        _byHandle[handle] = (id, job.Takes);
        _unseen = true;
        LookSoon();
    }

    /// <summary>A runner takes its task.</summary>
    /// <param name="handle">The task's job.</param>
    /// <param name="uuid">The runner.</param>
    /// <returns>How long it runs.</returns>
    public (long Id, TimeSpan Takes) Start(string handle, string uuid)
    {
        var runner = _byUuid[uuid];
        _runners[runner] = _runners[runner] with { Status = RunnerStatus.Active };
        var (id, takes) = _byHandle[handle];
        _open[id] = _open[id] with { Status = JobStatus.Running, TaskId = id };
        return (id, takes);
    }

    /// <summary>A job is over, and with it the registration of the runner that ran it.</summary>
    /// <param name="id">The job.</param>
    /// <param name="uuid">The runner.</param>
    public void End(long id, string uuid)
    {
        if (_byUuid.Remove(uuid, out var runner))
        {
            _runners.Remove(runner);
        }

        _open.Remove(id, out var job);
        _byHandle.Remove(job!.Handle);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<QueuedJob>> ListAsync(CancellationToken cancellationToken)
    {
        var look = _look = new TaskCompletionSource();
        if (_unseen)
        {
            LookSoon();
        }

        await look.Task.ConfigureAwait(false);
        (_look, _unseen, _lookDue) = (null, false, false);
        _busyUntil = _clock.Now + _poll.BusyFor;
        return [.. _open.Values];
    }

    /// <inheritdoc />
    public Task<RunnerCredentials> RegisterAsync(string name, string description, CancellationToken cancellationToken)
    {
        var id = ++_nextRunner;
        _runners[id] = new RegisteredRunner(id, name, name, RunnerStatus.Offline, true);
        _byUuid[name] = id;
        return Task.FromResult(new RunnerCredentials(id, name, Secret));
    }

    /// <inheritdoc />
    Task<IReadOnlyList<RegisteredRunner>> IRunnerRegistry.ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<RegisteredRunner>>([.. _runners.Values]);

    /// <inheritdoc />
    public Task<RegisteredRunner?> GetAsync(long id, CancellationToken cancellationToken) =>
        Task.FromResult(_runners.GetValueOrDefault(id));

    /// <inheritdoc />
    public Task DeleteAsync(long id, CancellationToken cancellationToken)
    {
        if (_runners.Remove(id, out var runner))
        {
            _byUuid.Remove(runner.Uuid);
        }

        return Task.CompletedTask;
    }

    private static Secret Secret { get; } = new("simulated");

    /// <summary>The next look of a poller that looks at even intervals.</summary>
    private void LookSoon()
    {
        if (_look is not { } look || _lookDue)
        {
            return;
        }

        _lookDue = true;
        var interval = (_clock.Now < _busyUntil ? _poll.BusyInterval : _poll.Interval).Ticks;
        _clock.Schedule(TimeSpan.FromTicks(interval - (_clock.Elapsed.Ticks % interval)), () => look.TrySetResult());
    }
}
