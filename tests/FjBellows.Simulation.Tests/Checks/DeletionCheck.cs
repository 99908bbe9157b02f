using FjBellows.Pool;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>Nobody else's machine is deleted (invariant O1), and none under a running job (invariant W10).</summary>
internal sealed class DeletionCheck(Scene scene) : ICheck
{
    public void MachineDeleting(VirtualMachine machine)
    {
        if (!scene.World.Ownership.Owns(machine.Instance))
        {
            scene.Findings.Violate("O1", $"{machine.Instance.Name}, which is not ours, was deleted");
            return;
        }

        if (scene.Excuses.IsDoubted(machine) && scene.Excuses.IsOutOfReach(machine))
        {
            scene.Excuses.Machine(machine, "it was denied and unreachable at once");
        }

        if (!scene.Excuses.Has(machine)
            && machine.Processes.Values.FirstOrDefault(
                p => p is { Alive: true, JobId: not null } && !scene.Excuses.Has(p) && scene.Dispatches.IsRunning(p)) is { } process)
        {
            scene.Findings.Violate("W10", $"{machine.Instance.Name} was deleted while {process.Launch.Dispatch} ran job {process.JobId}");
        }
    }

    public void Told(PoolNotice notice, string worker)
    {
        if (notice.Message.Contains(Wording.InstanceDenied, StringComparison.Ordinal)
            && scene.World.Cloud.Alive.FirstOrDefault(m => m.Instance.Name == worker) is { } denied && scene.Excuses.IsDoubted(denied)
            && scene.Excuses.IsOutOfReach(denied))
        {
            scene.Excuses.Machine(denied, "it was denied, and unreachable for longer than a link may be");
        }
    }

    public void End(bool quiet)
    {
        foreach (var machine in scene.Excuses.PlantedMachines.Where(m => !scene.World.Ownership.Owns(m.Instance) && m.GoneAt is not null))
        {
            scene.Findings.Violate("O1", $"{machine.Instance.Name}, which is not ours, is gone");
        }
    }
}
