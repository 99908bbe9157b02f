namespace FjBellows.Sandbox.Forge;

/// <summary>A task handed to a runner.</summary>
/// <param name="Id">Task id.</param>
/// <param name="Payload">The single-job workflow, YAML.</param>
/// <param name="Token">The task's own token.</param>
/// <param name="Job">The job it runs.</param>
/// <param name="Needs">How the jobs it needed ended, by key.</param>
public sealed record ForgeAssignment(
    long Id, string Payload, Secret Token, ForgeJob Job, IReadOnlyDictionary<string, ForgeNeed> Needs);

/// <summary>How a needed job ended.</summary>
/// <param name="Outputs">What it put out.</param>
public sealed record ForgeNeed(ForgeJobStatus Result, IReadOnlyDictionary<string, string> Outputs);

/// <summary>The answer to a fetch.</summary>
/// <param name="TasksVersion">The queue's version now.</param>
/// <param name="Task">The task, null when there is none for this runner.</param>
public sealed record ForgeFetch(long TasksVersion, ForgeAssignment? Task);

/// <content>The runner's own calls, as the ConnectRPC service decides them.</content>
public sealed partial class ForgeState
{
    /// <summary>A runner says its version and labels.</summary>
    /// <param name="labels">The bare names of its labels.</param>
    /// <exception cref="ForgeRefusedException">No one knows it.</exception>
    public ForgeRunner Declare(string? uuid, string? token, string version, IReadOnlyList<string> labels) => Change(() =>
    {
        var runner = Known(uuid, token);
        runner.Version = version;
        runner.Labels = [.. labels];
        return View(runner);
    });

    /// <summary>A runner asks for a task.</summary>
    /// <param name="requestKey">The same key again gets the same task again; null or empty for none.</param>
    /// <param name="tasksVersion">The queue's version the runner saw last; equal to the present one, nothing is looked up.</param>
    /// <param name="handle">Only the attempt with this handle; null or empty for any.</param>
    /// <exception cref="ForgeRefusedException">No one knows it.</exception>
    public ForgeFetch Fetch(string? uuid, string? token, string? requestKey = null, long tasksVersion = 0, string? handle = null)
    {
        // A poll that finds nothing leaves nothing to remember, and must not cost a write of the state file.
        var found = Read(() =>
        {
            var runner = Known(uuid, token);
            return tasksVersion == _data.TasksVersion || (Replayed(runner, requestKey) is null && Next(runner, handle) is null)
                ? new ForgeFetch(_data.TasksVersion, null)
                : null;
        });
        return found ?? Change(() =>
        {
            var runner = Known(uuid, token);
            if (Replayed(runner, requestKey) is { } again)
            {
                return new ForgeFetch(_data.TasksVersion, Assign(again));
            }

            var job = Next(runner, handle);
            return new ForgeFetch(_data.TasksVersion, job is null ? null : Assign(Start(job, runner, requestKey)));
        });
    }

    /// <summary>A runner reports where its task stands.</summary>
    /// <param name="result">Running while it runs, else its result.</param>
    /// <param name="outputs">What the job puts out.</param>
    /// <returns>Running, or the result that the task has here: anything else than what was reported tells the runner to stop.</returns>
    /// <exception cref="ForgeRefusedException">No one knows the runner, or the task is not its own.</exception>
    public ForgeJobStatus UpdateTask(
        string? uuid, string? token, long taskId, ForgeJobStatus result, IReadOnlyDictionary<string, string>? outputs = null)
    {
        if (result == ForgeJobStatus.Running)
        {
            return Read(() => Own(uuid, token, taskId).Result);
        }

        return Change(() =>
        {
            var task = Own(uuid, token, taskId);
            foreach (var (name, value) in outputs ?? new Dictionary<string, string>())
            {
                task.Outputs[name] = value;
            }

            Stop(task, result);
            return task.Result;
        });
    }

    /// <summary>A runner sends log rows.</summary>
    /// <param name="index">The number of the first row sent.</param>
    /// <param name="noMore">True when these are the last.</param>
    /// <returns>How many rows are stored: the number of the next one wanted.</returns>
    /// <exception cref="ForgeRefusedException">No one knows the runner, the task is not its own, or its log is closed.</exception>
    public long UpdateLog(string? uuid, string? token, long taskId, long index, IReadOnlyList<string> rows, bool noMore)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var nothingNew = Read(() =>
        {
            var log = Own(uuid, token, taskId).Log;
            return rows.Count == 0 || index > log.Count || index + rows.Count <= log.Count ? log.Count : (long?)null;
        });
        return nothingNew ?? Change(() =>
        {
            var task = Own(uuid, token, taskId);
            if (task.LogClosed)
            {
                throw new ForgeRefusedException(ForgeRefusal.AlreadyExists, "log file has been archived");
            }

            task.Log.AddRange(rows.Skip((int)(task.Log.Count - index)));
            task.LogClosed = noMore;
            return (long)task.Log.Count;
        });
    }

    private RunnerRow Known(string? uuid, string? token)
    {
        if (uuid is null || token is null || !_runners.TryGetValue(uuid, out var runner) || runner.TokenHash != Hash(token))
        {
            throw new ForgeRefusedException(ForgeRefusal.Unauthenticated, "unregistered runner");
        }

        runner.LastOnline = _time.GetUtcNow();
        return runner;
    }

    private TaskRow Own(string? uuid, string? token, long taskId)
    {
        var runner = Known(uuid, token);
        runner.LastActive = _time.GetUtcNow();
        var task = _tasks.GetValueOrDefault(taskId);
        if (task is null || task.RunnerId != runner.Id)
        {
            throw new ForgeRefusedException(ForgeRefusal.Internal, "invalid runner for task");
        }

        task.LastHeard = _time.GetUtcNow();
        return task;
    }

    private TaskRow? Replayed(RunnerRow runner, string? requestKey) => string.IsNullOrEmpty(requestKey) || !runner.HadTask
        ? null
        : _open.Values.Where(j => j.Status == ForgeJobStatus.Running).Select(j => _tasks[j.TaskId])
            .FirstOrDefault(t => t.RunnerId == runner.Id && t.RequestKey == requestKey);

    private JobRow? Next(RunnerRow runner, string? handle) => runner.Ephemeral && runner.HadTask
        ? null
        : ForgeQueueOrder.First(Free(runner, handle), _options.Release, run => _runs.GetValueOrDefault(run)?.Priority ?? 0);

    /// <summary>The jobs that this runner may have now. Its owner is compared with the repository's, not with the one under which the job
    /// was queued.</summary>
    private IEnumerable<JobRow> Free(RunnerRow runner, string? handle) => _open.Values
        .Where(j => j.Status == ForgeJobStatus.Waiting
            && (string.IsNullOrEmpty(handle) || j.Handle == handle)
            && (runner.RepositoryId == 0 || runner.RepositoryId == j.RepositoryId)
            && _repositories[j.RepositoryId] is { ActionsOff: false } repository
            && (runner.OwnerId == 0 || runner.OwnerId == repository.OwnerId)
            && AsksForSomething(j) && j.RunsOn.All(l => runner.Labels?.Contains(l) == true)
            && !ForgeQueueOrder.IsHeldBack(j, _open.Values));

    private TaskRow Start(JobRow job, RunnerRow runner, string? requestKey)
    {
        var now = _time.GetUtcNow();
        var task = new TaskRow
        {
            Id = _data.NextTaskId++,
            JobId = job.Id,
            Attempt = job.Attempt,
            RunnerId = runner.Id,
            RunnerName = runner.Name,
            RequestKey = requestKey,
            QueuedAt = job.QueuedAt ?? now,
            StartedAt = now,
            LastHeard = now,
        };
        _data.Tasks.Add(task);
        _tasks.Add(task.Id, task);
        runner.HadTask = true;
        job.Tasks.Add(task.Id);
        job.TaskId = task.Id;
        job.Status = ForgeJobStatus.Running;
        Tell(ForgeEventKind.JobStarted, job, runner.Name);
        return task;
    }

    private ForgeAssignment Assign(TaskRow task)
    {
        var job = _jobs[task.JobId];
        var needs = _data.Jobs.Where(j => j.RunId == job.RunId && job.Needs.Contains(j.Key))
            .GroupBy(j => j.Key).ToDictionary(g => g.Key, g => new ForgeNeed(
                g.Select(j => j.Status).FirstOrDefault(s => s != ForgeJobStatus.Success, ForgeJobStatus.Success),
                g.Where(j => j.TaskId != 0).SelectMany(j => _tasks[j.TaskId].Outputs).DistinctBy(o => o.Key).ToDictionary()));
        return new ForgeAssignment(task.Id, job.Payload, new Secret(NewToken()), View(job), needs);
    }

    /// <summary>Ends a task: its job ends with it, and the row of an ephemeral runner goes.</summary>
    private void Stop(TaskRow task, ForgeJobStatus result)
    {
        if (task.StoppedAt is not null)
        {
            return;
        }

        task.StoppedAt = _time.GetUtcNow();
        task.Result = result;
        End(_jobs[task.JobId], result, task.RunnerName);
        if (_data.Runners.Find(r => r.Id == task.RunnerId && r.Ephemeral) is { } runner)
        {
            Remove(runner);
        }
    }
}
