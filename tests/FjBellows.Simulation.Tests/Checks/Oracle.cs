using FjBellows.Billing;
using FjBellows.Pool;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;
using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <summary>
/// Judges the pool from outside: by the machines, the processes, the queue, the records and what was told to people; never by what its
/// actors think. What the world itself did to a machine, a process or a job is excused.
/// </summary>
internal sealed partial class Oracle(SimulatedWorld world)
{
    private readonly HashSet<VirtualMachine> _excused = [];
    private readonly HashSet<VirtualMachine> _doubted = [];
    private readonly HashSet<VirtualProcess> _excusedProcesses = [];
    private readonly HashSet<(long Job, long Attempt)> _excusedJobs = [];
    private readonly HashSet<VirtualMachine> _planted = [];
    private readonly Dictionary<long, string> _plantedRunners = [];
    private readonly HashSet<string> _givenUp = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _readyAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _endedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _dispatchedAt = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(VirtualMachine Machine, VirtualProcess Process)>> _byHandle = new(StringComparer.Ordinal);
    private readonly List<(DateTimeOffset From, DateTimeOffset? Until)> _hindrances = [];
    private readonly HashSet<string> _assigned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _renewedUntil = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _plannedUnder = new(StringComparer.Ordinal);
    private readonly Dictionary<VirtualMachine, DateTimeOffset> _reachableSince = [];
    private bool _hindered;
    private bool _down = true;
    private bool _faulty;
    private bool _journalFaulty;
    private int _noticesRead;
    private ulong _trace = 14695981039346656037;

    /// <summary>What was found.</summary>
    public List<Violation> Violations { get; } = [];

    /// <summary>A number that two equal runs share.</summary>
    public ulong TraceHash => _trace;

    public void Excuse(VirtualMachine machine, string why)
    {
        _excused.Add(machine);
        Trace($"{machine.Instance.Name} is excused: {why}");
    }

    /// <summary>The cloud lies about the machines there are: the pool may lose count of them, but ends no job on one that it reaches.</summary>
    public void DoubtAll() => _doubted.UnionWith(world.Ours());

    /// <summary>A machine can be reached again; its link is not there yet.</summary>
    public void Reachable(VirtualMachine machine) => _reachableSince[machine] = world.Clock.Now;

    public void Excuse(VirtualProcess process) => _excusedProcesses.Add(process);

    public void Excuse(long job, long attempt) => _excusedJobs.Add((job, attempt));

    public void Planted(VirtualMachine machine) => _planted.Add(machine);

    public void PlantedRunner(long id, string name) => _plantedRunners[id] = name;

    public void DaemonRuns()
    {
        _down = false;
        Trace("the daemon starts");
        Hinder();
    }

    public void DaemonDied()
    {
        _down = true;
        Trace("the daemon dies");
        _coming.Clear();
        Hinder();
    }

    /// <summary>While the cloud, the journal or the clock fails, a deletion may come late.</summary>
    public void FaultsChanged(IReadOnlyList<HistoryEvent> active)
    {
        _faulty = active.Any(e => e is CloudRefuses or CloudAnswersLost or CloudSlow or CloudDenies or ClockJumps or JournalFails or JournalUnreadable or JournalSlow or HistoryFails);
        _anyFault = active.Any(e => e.IsFault);
        _calmSince = world.Clock.Now;
        _journalFaulty |= active.Any(e => e is JournalFails or JournalUnreadable or JournalSlow);
        Hinder();
    }

    public void MachineMade(VirtualMachine machine)
    {
        ReadNotices();
        Trace($"{machine.Instance.Name} exists");
        if (world.Active<CloudDenies>().Any())
        {
            _doubted.Add(machine);
        }

        if (!world.Ownership.Owns(machine.Instance) || !machine.Instance.Name.StartsWith("cid-w", StringComparison.Ordinal))
        {
            return;
        }

        if (!_names.Add(machine.Instance.Name))
        {
            Violate("W2", $"a second machine was bought under the name {machine.Instance.Name}");
        }

        var counted = world.Ours().Where(m => !_planted.Contains(m) && !_givenUp.Contains(m.Instance.Name) && !_excused.Contains(m) && !_doubted.Contains(m)).ToArray();
        // A create call that was under way when a restart lowered the maximum still brings its machine.
        var max = Math.Max(world.Settings.Max, _plannedUnder.GetValueOrDefault(machine.Instance.Name));
        if (counted.Length > max)
        {
            Violate("W1", $"{counted.Length} machines where {max} are allowed: {string.Join(' ', counted.Select(m => m.Instance.Name))}");
        }
    }

    public void MachineDeleting(VirtualMachine machine)
    {
        ReadNotices();
        Trace($"{machine.Instance.Name} is deleted");
        if (!world.Ownership.Owns(machine.Instance))
        {
            Violate("O1", $"{machine.Instance.Name}, which is not ours, was deleted");
            return;
        }

        if (_doubted.Contains(machine) && IsOutOfReach(machine))
        {
            Excuse(machine, "it was denied and unreachable at once");
        }

        if (!_excused.Contains(machine)
            && machine.Processes.Values.FirstOrDefault(p => p is { Alive: true, JobId: not null } && !_excusedProcesses.Contains(p) && IsRunning(p)) is { } process)
        {
            Violate("W10", $"{machine.Instance.Name} was deleted while {process.Launch.Dispatch} ran job {process.JobId}");
        }

        CheckPaidTime(machine);
    }

    public void ProcessStarted(VirtualMachine machine, VirtualProcess process)
    {
        ReadNotices();
        Trace($"{process.Launch.Dispatch} starts");
        var handle = process.Launch.Handle;
        var earlier = _byHandle.TryGetValue(handle, out var known) ? known : _byHandle[handle] = [];
        foreach (var (where, before) in earlier.Where(e => !_excused.Contains(e.Machine) && !_excusedProcesses.Contains(e.Process)))
        {
            if (before.Alive)
            {
                Violate("J5", $"{process.Launch.Dispatch} was started for a job that {before.Launch.Dispatch} on {where.Instance.Name} still works at");
            }
            else if (before.JobId is not null)
            {
                Violate("J5", $"{process.Launch.Dispatch} was started for a job that {before.Launch.Dispatch} had run");
            }
        }

        if (machine.Processes.Values.Any(p => p.Alive && p != process))
        {
            Violate("W8", $"{process.Launch.Dispatch} was started on a worker that has a job already");
        }

        if (machine.Processes.Values.FirstOrDefault(p => !p.Alive && !p.Cleaned && !_excusedProcesses.Contains(p)) is { } dirty)
        {
            Violate("W13", $"{process.Launch.Dispatch} was started beside what {dirty.Launch.Dispatch} left");
        }

        if (earlier.Count(e => e.Process.ExitCode == 2 && world.Clock.Now - e.Process.StartedAt < TimeSpan.FromSeconds(30)) >= 8)
        {
            Violate("J7", $"{process.Launch.Dispatch} is the ninth dispatch within 30 s of a job for which there is no task");
        }

        earlier.Add((machine, process));
    }

    public void ProcessSignalled(VirtualMachine machine, VirtualProcess process)
    {
        Trace($"{process.Launch.Dispatch} is signalled");
        // A link that freezes at the wrong moment has the process start long after its dispatch, from which its time counts (invariant J8).
        var dispatched = _dispatchedAt.GetValueOrDefault(machine.Instance.Name, process.StartedAt);
        var ran = world.Clock.Now - (dispatched < process.StartedAt ? dispatched : process.StartedAt);
        if (process is { Alive: true, JobId: not null } && IsRunning(process) && !_excused.Contains(machine)
            && (world.Settings.Timeouts.MaxJobRuntime == TimeSpan.Zero || ran < world.Settings.Timeouts.MaxJobRuntime - TimeSpan.FromMinutes(3)))
        {
            Violate("J8", $"{process.Launch.Dispatch} was told to end after {ran} although nobody had cancelled its job {process.JobId}");
        }
        else
        {
            Excuse(process);
        }
    }

    public void ForgeHappened(ForgeEvent e)
    {
        Trace($"{e.Kind} {e.Job?.Id} {e.Runner}");
        if (e.Kind == ForgeEventKind.RunnerDeleted && e.Runner is { } name && _plantedRunners.ContainsValue(name))
        {
            Violate("O3", $"registration {name}, which is not ours, was deleted");
        }
    }

    /// <summary>An event is safe in a journal, whether or not anybody was told.</summary>
    public void Written(string id, object payload)
    {
        switch (payload)
        {
            case WorkerProtocol.JobAssigned assigned:
                _assigned.Add(assigned.Assignment.Dispatch.Value);
                break;
            case PoolProtocol.WorkerPlanned planned:
                _plannedUnder[planned.Worker] = world.Settings.Max;
                break;
            case WorkerProtocol.PaidTimeRenewed renewed:
                _renewedUntil[id[id.IndexOf("cid-", StringComparison.Ordinal)..]] = renewed.Until;
                break;
            case WorkerProtocol.InstanceGone gone when gone.Why.StartsWith("never created", StringComparison.Ordinal):
                _givenUp.Add(id[id.IndexOf("cid-", StringComparison.Ordinal)..]);
                break;
        }
    }

    /// <summary>Looks at what was told since the last look.</summary>
    public void ReadNotices()
    {
        var notices = world.Daemon.Notices;
        for (; _noticesRead < notices.Count; _noticesRead++)
        {
            var notice = notices[_noticesRead];
            Trace(notice.Message);
            if (notice.Worker is not { } worker)
            {
                continue;
            }

            JudgeNotice(notice, worker);
            if (notice.Kind == NoticeKind.JobDispatched)
            {
                _dispatchedAt[worker] = world.Clock.Now;
            }
            else if (notice.Kind == NoticeKind.JobEnded)
            {
                _endedAt[worker] = world.Clock.Now;
            }
            else if (notice.Message.Contains(" is Idle: ", StringComparison.Ordinal))
            {
                _readyAt.TryAdd(worker, world.Clock.Now);
                _endedAt.TryAdd(worker, world.Clock.Now);
            }
        }
    }

    /// <summary>A worker idle at its mark is gone before the next paid step, or soon after its time-out (invariants B1, B2, B4).</summary>
    private void CheckPaidTime(VirtualMachine machine)
    {
        var name = machine.Instance.Name;
        if (!_readyAt.TryGetValue(name, out var ready)
            || (_dispatchedAt.TryGetValue(name, out var dispatched) && dispatched >= _endedAt[name])
            || machine.Processes.Values.Any(p => p.Alive))
        {
            return;
        }

        var idle = machine.Processes.Values.Select(p => p.EndedAt ?? ready).Append(_endedAt[name]).Append(ready).Max();
        var billing = world.Cloud.Billing;
        var teardown = world.Settings.Teardown;
        DateTimeOffset due;
        if (billing.IsLeased)
        {
            due = TeardownPolicy.StepEnd(billing, machine.Instance.CreatedAt, idle);
            due += idle > due - teardown.HourMargin ? billing.Granularity : TimeSpan.Zero;
        }
        else
        {
            var paid = machine.Instance.CreatedAt + billing.MinimumDuration;
            due = (paid > idle + teardown.IdleTimeout ? paid : idle + teardown.IdleTimeout) + TimeSpan.FromMinutes(1);
        }

        if (_renewedUntil.TryGetValue(name, out var renewed) && renewed + TimeSpan.FromMinutes(1) > due)
        {
            due = renewed + TimeSpan.FromMinutes(1);
        }

        var grace = TimeSpan.FromMinutes(3);
        var mark = due - teardown.HourMargin - TimeSpan.FromMinutes(1);
        if (world.Clock.Now > due && !_hindrances.Any(h => h.From <= due && (h.Until is not { } until || until + grace >= mark)))
        {
            Violate("B2", $"{name} was idle since {idle:HH:mm:ss}, was to be gone by {due:HH:mm:ss}, and was deleted at {world.Clock.Now:HH:mm:ss} though nothing stood in the way");
        }
    }

    private bool IsRunning(VirtualProcess process) =>
        world.Forge.State.Job(process.JobId!.Value) is { Status: ForgeJobStatus.Running } job && job.Current?.Runner == process.Launch.Dispatch.Value;

    private bool IsOutOfReach(VirtualMachine machine) =>
        machine.Unreachable || (_reachableSince.TryGetValue(machine, out var since) && world.Clock.Now - since < TimeSpan.FromMinutes(1));

    private void Hinder()
    {
        _calmSince = world.Clock.Now;
        var now = _faulty || _down;
        if (now == _hindered)
        {
            return;
        }

        _hindered = now;
        if (now)
        {
            _hindrances.Add((world.Clock.Now, null));
        }
        else
        {
            _hindrances[^1] = _hindrances[^1] with { Until = world.Clock.Now };
        }
    }

    private void Violate(string rule, string what) => Violations.Add(new Violation(rule, world.Clock.Elapsed, what));

    private void Trace(string what)
    {
        Mix((ulong)world.Clock.Elapsed.Ticks);
        foreach (var c in what)
        {
            Mix(c);
        }
    }

    private void Mix(ulong value) => _trace = (_trace ^ value) * 1099511628211;
}
