using FjBellows.Workers;

namespace FjBellows.Simulation.Tests;

/// <summary>An instance is given up for a process that will not end only where no signal ends it (invariants J9, J12): one that was never
/// killed although nothing stood in the way costs its machine for nothing.</summary>
internal sealed class LastResortCheck(Scene scene) : ICheck
{
    public void Written(string id, object payload)
    {
        if (payload is not WorkerProtocol.RemovalStarted { Code: "hard_end" } || !scene.Conditions.CanReachWorkers)
        {
            return;
        }

        var worker = Dispatches.WorkerOf(id);
        if (scene.World.Ours().FirstOrDefault(m => m.Instance.Name == worker) is { } machine && !scene.Excuses.Has(machine)
            && !scene.Excuses.IsOutOfReach(machine)
            && machine.Processes.Values.FirstOrDefault(p => p is { Alive: true, IgnoresKill: false }) is { } process)
        {
            scene.Findings.Violate(
                "J9", $"{worker} is given up because {process.Launch.Dispatch} does not end, and no kill has reached it");
        }
    }
}
