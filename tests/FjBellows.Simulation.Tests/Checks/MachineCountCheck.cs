using FjBellows.Pool;
using FjBellows.Sandbox.Forge;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>No more machines than allowed, none twice, and no more on their way than jobs wait (invariants W1 and W2).</summary>
internal sealed class MachineCountCheck(Scene scene) : ICheck
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _coming = new(StringComparer.Ordinal);

    public void MachineMade(VirtualMachine machine)
    {
        var world = scene.World;
        if (!world.Ownership.Owns(machine.Instance) || !machine.Instance.Name.StartsWith("cid-w", StringComparison.Ordinal))
        {
            return;
        }

        if (!_names.Add(machine.Instance.Name))
        {
            scene.Findings.Violate("W2", $"a second machine was bought under the name {machine.Instance.Name}");
        }

        var counted = world.Ours()
            .Where(m => !scene.Excuses.PlantedMachines.Contains(m) && !scene.Dispatches.NeverBought.Contains(m.Instance.Name)
                && !scene.Excuses.Has(m) && !scene.Excuses.IsDoubted(m))
            .ToArray();
        // A create call that was under way when a restart lowered the maximum still brings its machine.
        var max = Math.Max(world.Settings.Max, scene.Dispatches.PlannedUnder(machine.Instance.Name));
        if (counted.Length > max)
        {
            scene.Findings.Violate(
                "W1", $"{counted.Length} machines where {max} are allowed: {string.Join(' ', counted.Select(m => m.Instance.Name))}");
        }
    }

    public void DaemonDied() => _coming.Clear();

    public void Told(PoolNotice notice, string worker)
    {
        if (notice.Kind == NoticeKind.WorkerPlanned)
        {
            CheckProvision(notice, worker);
        }
        else if (notice.Kind != NoticeKind.Operator)
        {
            _coming.Remove(worker);
        }
    }

    /// <summary>No more workers are on their way than jobs wait, whatever the wait budget.</summary>
    private void CheckProvision(PoolNotice notice, string worker)
    {
        if (Wording.IsNotForAJob(notice.Message))
        {
            return;
        }

        _coming.Add(worker);
        if (!scene.Conditions.IsCalm)
        {
            return;
        }

        var waiting = scene.World.Forge.State.Jobs().Count(j => j.Status == ForgeJobStatus.Waiting && RestCheck.CanBeHad(scene.World, j));
        if (_coming.Count > Math.Max(1, waiting))
        {
            scene.Findings.Violate(
                "W1", $"{worker} is bought: {_coming.Count} workers ({string.Join(", ", _coming)}) are on their way for {waiting} " +
                    $"waiting job(s)");
        }
    }
}
