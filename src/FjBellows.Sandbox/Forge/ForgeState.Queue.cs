namespace FjBellows.Sandbox.Forge;

/// <summary>A job to put on the stand-in's queue.</summary>
/// <param name="Name">The name it is listed under.</param>
/// <param name="RunsOn">The labels it asks for.</param>
/// <param name="Payload">The single-job workflow that its runner gets, as YAML.</param>
public sealed record ForgeJobRequest(string Name, IReadOnlyList<string> RunsOn, string Payload)
{
    /// <summary>Its key under <c>jobs:</c>; the name when null. Jobs of one matrix share a key.</summary>
    public string? Key { get; init; }

    /// <summary>Keys of the jobs of the same run that must have succeeded first.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Of all runs of a repository with the same group, one runs at a time and the oldest first; jobs of the others stay listed
    /// and are not handed out.</summary>
    public string? ConcurrencyGroup { get; init; }

    /// <summary>True when a new run of the group cancels the older ones instead of waiting for them.</summary>
    public bool CancelInProgress { get; init; }

    /// <summary>True for <c>if: false</c>: Forgejo 16 skips it at once, 15 leaves that to a runner.</summary>
    public bool NeverRuns { get; init; }

    /// <summary>True when it runs whatever became of the jobs it needs (<c>if: always()</c>).</summary>
    public bool RunsAfterFailure { get; init; }
}

/// <content>The queue: what waits, what runs, what became of it.</content>
public sealed partial class ForgeState
{
    /// <summary>Queues one job without needs.</summary>
    /// <param name="repository">Its repository as <c>owner/name</c>, made when it is new.</param>
    /// <returns>The job as queued.</returns>
    public ForgeJob Enqueue(string repository, ForgeJobRequest job) => Enqueue(repository, [job])[0];

    /// <summary>Queues the jobs of one workflow run. A job with needs is blocked until they are done.</summary>
    /// <param name="repository">Their repository as <c>owner/name</c>, made when it is new.</param>
    /// <param name="jobs">The run's jobs.</param>
    /// <returns>The jobs as queued, in order.</returns>
    /// <exception cref="ArgumentException">The repository's name is malformed, or a job needs a key that the run does not have.</exception>
    public IReadOnlyList<ForgeJob> Enqueue(string repository, IReadOnlyList<ForgeJobRequest> jobs) =>
        Enqueue(repository, jobs, "push.yml", "push");

    /// <summary>Queues the jobs of one run of a workflow.</summary>
    /// <param name="repository">Their repository as <c>owner/name</c>, made when it is new.</param>
    /// <param name="jobs">The run's jobs.</param>
    /// <param name="workflow">The workflow's file name.</param>
    /// <param name="cause">The event that began the run, such as <c>push</c>.</param>
    /// <returns>The jobs as queued, in order.</returns>
    /// <exception cref="ArgumentException">The repository's name is malformed, or a job needs a key that the run does not have.</exception>
    public IReadOnlyList<ForgeJob> Enqueue(
        string repository, IReadOnlyList<ForgeJobRequest> jobs, string workflow, string cause) => Change<IReadOnlyList<ForgeJob>>(() =>
    {
        ArgumentNullException.ThrowIfNull(jobs);
        var keys = jobs.Select(j => j.Key ?? j.Name).ToHashSet(StringComparer.Ordinal);
        if (jobs.SelectMany(j => j.Needs).FirstOrDefault(n => !keys.Contains(n)) is { } unknown)
        {
            throw new ArgumentException($"a job needs '{unknown}', which is no job of the same run", nameof(jobs));
        }

        var repo = RepositoryNamed(repository);
        var run = BeginRun(repo.Id, workflow, cause).Id;
        var rows = jobs.Select(j => new JobRow
        {
            Id = _data.NextId++,
            RunId = run,
            RepositoryId = repo.Id,
            OwnerId = repo.OwnerId,
            Name = j.Name,
            Key = j.Key ?? j.Name,
            Needs = [.. j.Needs],
            RunsOn = [.. j.RunsOn],
            Payload = j.Payload,
            ConcurrencyGroup = j.ConcurrencyGroup,
            CancelInProgress = j.CancelInProgress,
            NeverRuns = j.NeverRuns,
            RunsAfterFailure = j.RunsAfterFailure,
            Handle = NewUuid(),
            Status = ForgeJobStatus.Blocked,
        }).ToArray();
        CancelOlder(rows);
        foreach (var row in rows)
        {
            _data.Jobs.Add(row);
            _jobs.Add(row.Id, row);
            _open.Add(row.Id, row);
        }

        Unblock(run);
        return rows.Select(View).ToArray();
    });

    /// <summary>Every job ever queued, oldest first.</summary>
    public IReadOnlyList<ForgeJob> Jobs() => Read(() => _data.Jobs.Select(View).ToArray());

    /// <summary>One job.</summary>
    /// <exception cref="KeyNotFoundException">There is no such job.</exception>
    public ForgeJob Job(long id) => Read(() => View(_jobs[id]));

    /// <summary>What <c>GET …/runners/jobs</c> lists: waiting and running jobs of the scope, newest first.</summary>
    /// <param name="scope">Whose jobs.</param>
    /// <param name="labels">The names a would-be runner offers; null for all jobs, empty for the jobs that ask for nothing.</param>
    public IReadOnlyList<ForgeJob> OpenJobs(ForgeScope scope, IReadOnlyCollection<string>? labels = null) => Read(() =>
    {
        ArgumentNullException.ThrowIfNull(scope);
        return _open.Values.Reverse()
            .Where(j => j.Status is ForgeJobStatus.Waiting or ForgeJobStatus.Running && InScope(j, scope) && Offered(j))
            .Select(View).ToArray();

        bool Offered(JobRow job) => labels switch
        {
            null => true,
            { Count: 0 } => !AsksForSomething(job),
            _ => AsksForSomething(job) && job.RunsOn.All(labels.Contains),
        };
    });

    /// <summary>Stops a job as the web page's button does. A running one's ephemeral runner row goes at once: its runner is never
    /// told.</summary>
    /// <param name="id">The job's id.</param>
    /// <returns>False when the job was done already.</returns>
    public bool Cancel(long id) => Change(() => CancelJob(_jobs[id]));

    private bool CancelJob(JobRow job)
    {
        if (!job.IsOpen)
        {
            return false;
        }

        if (job.Status == ForgeJobStatus.Running)
        {
            Stop(_tasks[job.TaskId], ForgeJobStatus.Cancelled);
        }
        else
        {
            End(job, ForgeJobStatus.Cancelled, null);
        }

        return true;
    }

    /// <summary>Runs a finished job again: same id, next attempt, new handle.</summary>
    /// <param name="id">The job's id.</param>
    /// <exception cref="InvalidOperationException">The job is not done.</exception>
    public ForgeJob Rerun(long id) => Change(() =>
    {
        var job = _jobs[id];
        if (job.IsOpen)
        {
            throw new InvalidOperationException($"job {id} is {job.Status}; only a finished job can be run again");
        }

        Again(job);
        return View(job);
    });

    /// <summary>Gives a waiting job to a runner no one here knows, as when another autoscaler's runner is faster.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="runner">The other runner's name.</param>
    /// <returns>The task's id, for <see cref="FinishStolen"/>.</returns>
    /// <exception cref="InvalidOperationException">The job does not wait.</exception>
    public long Steal(long id, string runner = "another-runner") => Change(() =>
    {
        var job = _jobs[id];
        return job.Status == ForgeJobStatus.Waiting
            ? Start(job, new RunnerRow
            {
                Id = 0,
                Uuid = "",
                TokenHash = "",
                OwnerId = 0,
                RepositoryId = 0,
                Name = runner,
                Description = "",
                Ephemeral = false,
            }, null).Id
            : throw new InvalidOperationException($"job {id} is {job.Status}; only a waiting job can be taken");
    });

    /// <summary>Ends a task that <see cref="Steal"/> began.</summary>
    /// <param name="result">How it ended.</param>
    public void FinishStolen(long taskId, ForgeJobStatus result = ForgeJobStatus.Success) => Change(() =>
    {
        Stop(_tasks[taskId], result);
        return true;
    });

    /// <summary>What Forgejo's cron does: fails every running job whose runner has been silent too long. It is never queued
    /// again.</summary>
    /// <returns>How many jobs it failed.</returns>
    public int Sweep() => Change(() =>
    {
        var oldest = _time.GetUtcNow() - _options.ZombieAfter;
        var dead = _open.Values.Where(j => j.Status == ForgeJobStatus.Running).Select(j => _tasks[j.TaskId])
            .Where(t => t.LastHeard < oldest).ToArray();
        Array.ForEach(dead, t => Stop(t, ForgeJobStatus.Failure));
        return dead.Length;
    });

    private static bool InScope(JobRow job, ForgeScope scope) => scope.Kind switch
    {
        ForgeScopeKind.Admin => true,
        ForgeScopeKind.Repository => job.RepositoryId == scope.RepositoryId,
        _ => job.OwnerId == scope.OwnerId,
    };

    /// <summary>False without a <c>runs-on</c>, and where its only word is empty (an undefined variable): no runner can ever get such a
    /// job.</summary>
    private static bool AsksForSomething(JobRow job) => job.RunsOn.Any(l => l.Length > 0);

    private void Queue(JobRow job)
    {
        job.Status = ForgeJobStatus.Waiting;
        job.QueuedAt = _time.GetUtcNow();
        _data.TasksVersion++;
        Tell(ForgeEventKind.JobQueued, job, null);
    }

    private void End(JobRow job, ForgeJobStatus result, string? runner)
    {
        job.Status = result;
        _open.Remove(job.Id);
        if (_runs.TryGetValue(job.RunId, out var run))
        {
            run.UpdatedAt = _time.GetUtcNow();
        }

        _data.TasksVersion++;
        Tell(ForgeEventKind.JobEnded, job, runner);
        Unblock(job.RunId);
    }

    /// <summary>Queues or skips every blocked job of the run whose needs are all done.</summary>
    private void Unblock(long run)
    {
        var jobs = _data.Jobs.Where(j => j.RunId == run).ToArray();
        foreach (var job in jobs.Where(j => j.Status == ForgeJobStatus.Blocked))
        {
            var needed = jobs.Where(j => job.Needs.Contains(j.Key)).ToArray();
            if (job.Status != ForgeJobStatus.Blocked || needed.Any(j => j.IsOpen))
            {
                continue;
            }

            if (job.NeverRuns && _options.Release != ForgeRelease.Forgejo15)
            {
                End(job, ForgeJobStatus.Skipped, null);
            }
            else if (job.RunsAfterFailure || needed.All(j => j.Status == ForgeJobStatus.Success))
            {
                Queue(job);
            }
            else
            {
                End(job, ForgeJobStatus.Skipped, null);
            }
        }
    }

    private ForgeJob View(JobRow job) => new(
        job.Id, job.RunId, job.Attempt, job.Handle, _repositoryNames[job.RepositoryId], job.Name, job.Key, job.Needs, job.RunsOn,
        job.Status, job.QueuedAt, job.TaskId, job.Tasks.Select(t => View(_tasks[t])).ToArray())
    {
        RepositoryId = job.RepositoryId,
        OwnerId = job.OwnerId,
    };

    private static ForgeTask View(TaskRow task) => new(
        task.Id, task.Attempt, task.RunnerName, task.QueuedAt, task.StartedAt, task.StoppedAt, task.Result, task.Log.ToArray());
}
