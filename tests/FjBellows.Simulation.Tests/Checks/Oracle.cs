using FjBellows.Dispatch;
using FjBellows.Pool;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>
/// Judges the pool from outside: by the machines, the processes, the queue, the records and what was told to people; never by what its
/// actors think. What the world itself did to a machine, a process or a job is excused.
/// </summary>
internal sealed class Oracle
{
    private readonly SimulatedWorld _world;
    private readonly Findings _findings;
    private readonly Dispatches _dispatches;
    private readonly ICheck[] _checks;
    private readonly CostCheck _cost;
    private readonly RestCheck _rest;
    private int _noticesRead;

    public Oracle(SimulatedWorld world)
    {
        _world = world;
        _findings = new Findings(world.Clock);
        Excuses = new Excuses(world, _findings);
        Conditions = new Conditions(world);
        _dispatches = new Dispatches(world);
        var scene = new Scene(world, _findings, Excuses, Conditions, _dispatches);
        _checks =
        [
            new MachineCountCheck(scene),
            new DeletionCheck(scene),
            new BilledTimeCheck(scene),
            new DispatchCheck(scene),
            new SignalCheck(scene),
            new LastResortCheck(scene),
            new RegistrationCheck(scene),
            new ProgressCheck(scene),
            _cost = new CostCheck(scene),
            new FreshnessCheck(scene),
            new ResultCheck(scene),
            new OutcomeCheck(scene),
            new TraceCheck(scene),
            _rest = new RestCheck(scene),
        ];
    }

    /// <summary>What was found.</summary>
    public IReadOnlyList<Violation> Violations => _findings.Violations;

    /// <summary>A number that two equal runs share.</summary>
    public ulong TraceHash => _findings.TraceHash;

    public Excuses Excuses { get; }

    public Conditions Conditions { get; }

    public void DaemonRuns()
    {
        Conditions.DaemonRuns();
        _findings.Trace("the daemon starts");
    }

    public void DaemonDied()
    {
        Conditions.DaemonDied();
        _findings.Trace("the daemon dies");
        Array.ForEach(_checks, c => c.DaemonDied());
    }

    /// <summary>The journal is another one: what it does not know of may be made a second time within the maximum, and runs on.</summary>
    public void JournalReplaced()
    {
        _dispatches.Forget();
        foreach (var machine in _world.Ours())
        {
            Excuses.Doubt(machine);
        }
    }

    /// <summary>An operator commands the pool.</summary>
    public void Commanded(object command)
    {
        if (command is PoolProtocol.Reconcile)
        {
            _cost.Forgive();
        }
    }

    /// <summary>An operator asks for workers.</summary>
    public void AskedFor(int count, Action ask)
    {
        _cost.Allow(count);
        ask();
    }

    public void MachineMade(VirtualMachine machine)
    {
        ReadNotices();
        _findings.Trace($"{machine.Instance.Name} exists");
        if (_world.Active<CloudDenies>().Any())
        {
            Excuses.Doubt(machine);
        }

        Array.ForEach(_checks, c => c.MachineMade(machine));
    }

    public void MachineDeleting(VirtualMachine machine)
    {
        ReadNotices();
        _findings.Trace($"{machine.Instance.Name} is deleted");
        Array.ForEach(_checks, c => c.MachineDeleting(machine));
    }

    public void ProcessStarted(VirtualMachine machine, VirtualProcess process)
    {
        ReadNotices();
        _findings.Trace($"{process.Launch.Dispatch} starts");
        Array.ForEach(_checks, c => c.ProcessStarted(machine, process));
        _dispatches.Add(machine, process);
    }

    public void ProcessSignalled(VirtualMachine machine, VirtualProcess process)
    {
        _findings.Trace($"{process.Launch.Dispatch} is signalled");
        Array.ForEach(_checks, c => c.ProcessSignalled(machine, process));
    }

    public void ForgeHappened(ForgeEvent e)
    {
        _findings.Trace($"{e.Kind} {e.Job?.Id} {e.Runner}");
        Array.ForEach(_checks, c => c.ForgeHappened(e));
    }

    public void Dialling(WorkerEndpoint endpoint) => Array.ForEach(_checks, c => c.Dialling(endpoint));

    public void Called(string call, bool before) => Array.ForEach(_checks, c => c.Called(call, before));

    /// <summary>An event is safe in a journal, whether or not anybody was told.</summary>
    public void Written(string id, object payload)
    {
        _dispatches.Written(id, payload);
        Array.ForEach(_checks, c => c.Written(id, payload));
    }

    /// <summary>The look of every minute.</summary>
    public void Look()
    {
        ReadNotices();
        Array.ForEach(_checks, c => c.Minute());
    }

    /// <summary>True once the pool has nothing left to do.</summary>
    public bool IsQuiet() => _rest.IsQuiet();

    /// <summary>The last judgement.</summary>
    /// <param name="quiet">False when it never became quiet.</param>
    public void Judge(bool quiet)
    {
        ReadNotices();
        Array.ForEach(_checks, c => c.End(quiet));
    }

    /// <summary>Looks at what was told since the last look.</summary>
    private void ReadNotices()
    {
        var notices = _world.Daemon.Notices;
        for (; _noticesRead < notices.Count; _noticesRead++)
        {
            var notice = notices[_noticesRead];
            _findings.Trace(notice.Message);
            if (notice.Worker is { } worker)
            {
                Array.ForEach(_checks, c => c.Told(notice, worker));
            }
        }
    }
}
