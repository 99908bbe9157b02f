using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>What the world itself, or an operator, did to a machine, a process or a job: that is nobody's fault.</summary>
internal sealed class Excuses(SimulatedWorld world, Findings findings)
{
    private readonly HashSet<VirtualMachine> _machines = [];
    private readonly HashSet<VirtualMachine> _doubted = [];
    private readonly HashSet<VirtualMachine> _spent = [];
    private readonly HashSet<VirtualProcess> _processes = [];
    private readonly HashSet<(long Job, long Attempt)> _jobs = [];
    private readonly HashSet<VirtualMachine> _planted = [];
    private readonly Dictionary<long, string> _plantedRunners = [];
    private readonly Dictionary<VirtualMachine, DateTimeOffset> _reachableSince = [];

    /// <summary>Machines that nobody bought.</summary>
    public IReadOnlySet<VirtualMachine> PlantedMachines => _planted;

    /// <summary>Machines that the world took or an operator dismissed before they had run a job: they were not bought for nothing by the
    /// pool.</summary>
    public IReadOnlySet<VirtualMachine> Spent => _spent;

    public void Machine(VirtualMachine machine, string why)
    {
        _machines.Add(machine);
        findings.Trace($"{machine.Instance.Name} is excused: {why}");
    }

    /// <summary>The world takes a machine away.</summary>
    public void Taken(VirtualMachine machine, string why)
    {
        Machine(machine, why);
        _spent.Add(machine);
    }

    /// <summary>An operator drains or removes a machine.</summary>
    public void Dismissed(VirtualMachine machine) => _spent.Add(machine);

    /// <summary>The cloud lies about the machines there are: the pool may lose count of them, but ends no job on one that it
    /// reaches.</summary>
    public void DoubtAll() => _doubted.UnionWith(world.Ours());

    public void Doubt(VirtualMachine machine) => _doubted.Add(machine);

    /// <summary>A machine can be reached again; its link is not there yet.</summary>
    public void Reachable(VirtualMachine machine) => _reachableSince[machine] = world.Clock.Now;

    public void Process(VirtualProcess process) => _processes.Add(process);

    public void Job(long job, long attempt) => _jobs.Add((job, attempt));

    public void Planted(VirtualMachine machine) => _planted.Add(machine);

    public void PlantedRunner(long id, string name) => _plantedRunners[id] = name;

    public bool Has(VirtualMachine machine) => _machines.Contains(machine);

    public bool Has(VirtualProcess process) => _processes.Contains(process);

    public bool Has(long job, long attempt) => _jobs.Contains((job, attempt));

    public bool IsDoubted(VirtualMachine machine) => _doubted.Contains(machine);

    public bool IsPlantedRunner(long id) => _plantedRunners.ContainsKey(id);

    public bool IsPlantedRunner(string name) => _plantedRunners.ContainsValue(name);

    /// <summary>True while nothing reaches a machine, and until its link can be back.</summary>
    public bool IsOutOfReach(VirtualMachine machine) =>
        machine.Unreachable || (_reachableSince.TryGetValue(machine, out var since) && world.Clock.Now - since < TimeSpan.FromMinutes(1));
}
