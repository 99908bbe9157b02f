namespace FjBellows.Sandbox.Forge;

/// <content>Runs and their repositories: what the runs' API and the web pages decide.</content>
public sealed partial class ForgeState
{
    private readonly Dictionary<(string Repository, string File), WorkflowFile> _workflows = [];

    /// <summary>Makes a repository, or finds it.</summary>
    /// <param name="fullName">As <c>owner/name</c>; a new owner is an organisation.</param>
    /// <returns>Its id.</returns>
    public long AddRepository(string fullName) => Change(() => RepositoryNamed(fullName).Id);

    /// <summary>Puts a workflow into a repository, where <see cref="Dispatch"/> finds it. It does not outlive the process.</summary>
    /// <param name="repository">The repository as <c>owner/name</c>.</param>
    /// <param name="file">The workflow; its file name is what it is called by.</param>
    public void AddWorkflow(string repository, WorkflowFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        AddRepository(repository);
        lock (_gate)
        {
            _workflows[(repository, file.FileName)] = file;
        }
    }

    /// <summary>Begins a run of a workflow by hand.</summary>
    /// <param name="repository">The repository as <c>owner/name</c>.</param>
    /// <param name="file">The workflow's file name.</param>
    /// <exception cref="ForgeRefusedException">The repository has no such workflow.</exception>
    public ForgeRun Dispatch(string repository, string file)
    {
        WorkflowFile? workflow;
        lock (_gate)
        {
            workflow = _workflows.GetValueOrDefault((repository, file));
        }

        return workflow is null
            ? throw new ForgeRefusedException(ForgeRefusal.NotFound, "resource does not exist")
            : Run(Enqueue(repository, workflow.Jobs, file, "workflow_dispatch")[0].RunId);
    }

    /// <summary>Every run of a repository, newest first.</summary>
    /// <param name="repository">The repository as <c>owner/name</c>.</param>
    public IReadOnlyList<ForgeRun> Runs(string repository) => Read(() =>
        _data.Runs.Where(r => _repositoryNames[r.RepositoryId] == repository).OrderByDescending(r => r.Id).Select(View).ToArray());

    /// <summary>One run.</summary>
    /// <exception cref="ForgeRefusedException">There is none.</exception>
    public ForgeRun Run(long id) => Read(() => View(KnownRun(id)));

    /// <summary>Stops every job of a run that is not done; a finished run stays as it is.</summary>
    /// <param name="id">The run's id.</param>
    /// <exception cref="ForgeRefusedException">There is none.</exception>
    public void CancelRun(long id) => Change(() =>
    {
        KnownRun(id);
        Array.ForEach(_data.Jobs.Where(j => j.RunId == id).ToArray(), j => CancelJob(j));
        return true;
    });

    /// <summary>Forgets a finished run.</summary>
    /// <param name="id">The run's id.</param>
    /// <exception cref="ForgeRefusedException">There is none, or it is not finished.</exception>
    public void DeleteRun(long id) => Change(() =>
    {
        var run = KnownRun(id);
        if (_open.Values.Any(j => j.RunId == id))
        {
            throw new ForgeRefusedException(ForgeRefusal.Internal, $"cannot delete run {id} because it has not completed yet");
        }

        foreach (var job in _data.Jobs.Where(j => j.RunId == id).ToArray())
        {
            _data.Jobs.Remove(job);
            _jobs.Remove(job.Id);
        }

        _data.Runs.Remove(run);
        return _runs.Remove(id);
    });

    /// <summary>Runs every job of a finished run again.</summary>
    /// <param name="id">The run's id.</param>
    /// <exception cref="InvalidOperationException">It is not finished.</exception>
    public void RerunRun(long id) => Change(() =>
    {
        var run = KnownRun(id);
        if (_open.Values.Any(j => j.RunId == id))
        {
            throw new InvalidOperationException($"run {id} is not finished");
        }

        run.Priority = 0;
        Array.ForEach(_data.Jobs.Where(j => j.RunId == id).ToArray(), Again);
        return true;
    });

    /// <summary>Puts a run before all others, or back among them. Forgejo 15 keeps to the age of its jobs all the same.</summary>
    /// <param name="id">The run's id.</param>
    /// <param name="first">True to put it first.</param>
    /// <exception cref="ForgeRefusedException">There is none.</exception>
    public void Prioritize(long id, bool first = true) => Change(() =>
    {
        KnownRun(id).Priority = first ? ForgeQueueOrder.ByHand : 0;
        _data.TasksVersion++;
        return true;
    });

    /// <summary>Switches a repository's Actions unit: its jobs stay listed for wider scopes, and no runner gets them.</summary>
    /// <param name="repository">The repository as <c>owner/name</c>.</param>
    /// <param name="on">True to switch it on.</param>
    public void SetActions(string repository, bool on) => Change(() => RepositoryNamed(repository).ActionsOff = !on);

    /// <summary>Gives a repository to another owner. Jobs that wait keep their old owner: they are listed there, and that owner's runners
    /// do not get them.</summary>
    /// <param name="repository">The repository as <c>owner/name</c>.</param>
    /// <param name="owner">The new owner; a new one is an organisation.</param>
    public void Transfer(string repository, string owner) => Change(() =>
    {
        var row = RepositoryNamed(repository);
        row.OwnerId = OwnerNamed(owner, organization: true).Id;
        _repositoryNames[row.Id] = $"{owner}/{row.Name}";
        return true;
    });

    internal ForgeRepository Repository(long id) =>
        FindRepository(id) ?? throw new ForgeRefusedException(ForgeRefusal.NotFound, ForgeRest.NoTarget);

    internal ForgeRepository? FindRepository(long id) => Read(() => _repositories.GetValueOrDefault(id) is { } row
        ? new ForgeRepository(row.Id, _data.Owners.First(o => o.Id == row.OwnerId).Name, row.OwnerId, row.Name, !row.ActionsOff)
        : null);

    private RunRow KnownRun(long id) =>
        _runs.GetValueOrDefault(id) ?? throw new ForgeRefusedException(ForgeRefusal.NotFound, $"run with id {id}: resource does not exist");

    private RunRow BeginRun(long repository, string workflow, string cause)
    {
        var now = _time.GetUtcNow();
        var row = new RunRow
        {
            Id = _data.NextRunId++,
            RepositoryId = repository,
            Number = _data.Runs.Where(r => r.RepositoryId == repository).Select(r => r.Number).DefaultIfEmpty().Max() + 1,
            Workflow = workflow,
            Title = Path.GetFileNameWithoutExtension(workflow),
            Event = cause,
            CreatedAt = now,
            UpdatedAt = now,
        };
        _data.Runs.Add(row);
        _runs.Add(row.Id, row);
        return row;
    }

    /// <summary>A new run whose group says <c>cancel-in-progress</c> ends the open runs of the group.</summary>
    private void CancelOlder(JobRow[] added)
    {
        foreach (var (repository, group) in added.Where(j => j.CancelInProgress && j.ConcurrencyGroup is not null)
            .Select(j => (j.RepositoryId, j.ConcurrencyGroup)).Distinct())
        {
            var runs = _open.Values.Where(j => j.RepositoryId == repository && j.ConcurrencyGroup == group).Select(j => j.RunId)
                .ToHashSet();
            Array.ForEach(_open.Values.Where(j => runs.Contains(j.RunId)).ToArray(), j => CancelJob(j));
        }
    }

    private void Again(JobRow job)
    {
        job.Attempt++;
        job.Handle = NewUuid();
        job.TaskId = 0;
        _open.Add(job.Id, job);
        Queue(job);
    }

    private ForgeRun View(RunRow run) => new(
        run.Id, run.Number, _repositoryNames[run.RepositoryId], run.Workflow, run.Title, run.Event, run.Priority, run.CreatedAt,
        run.UpdatedAt,
        _data.Jobs.Where(j => j.RunId == run.Id).Select(View).ToArray());
}

/// <summary>A repository, as the API shows it.</summary>
internal sealed record ForgeRepository(long Id, string Owner, long OwnerId, string Name, bool HasActions)
{
    public string FullName => $"{Owner}/{Name}";
}
