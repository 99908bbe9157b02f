using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>What a failure can cost is bounded (invariant W18): whatever fails and for however long, no more instances are created than
/// jobs ran, the maximum, and one an hour. An operator's own wish for workers, what the world takes away, and what the cloud denied do not
/// count.</summary>
internal sealed class CostCheck(Scene scene) : ICheck
{
    private readonly List<VirtualMachine> _created = [];
    private int _allowed;
    private int _most;
    private bool _found;

    /// <summary>An operator asks for that many workers.</summary>
    public void Allow(int count) => _allowed += count;

    /// <summary>An operator says that what failed is mended: the pool begins anew with its maximum.</summary>
    public void Forgive() => _allowed += Math.Max(0, _created.Count + _most - Bound());

    public void MachineMade(VirtualMachine machine)
    {
        var world = scene.World;
        if (_found || !world.Ownership.Owns(machine.Instance) || !machine.Instance.Name.StartsWith("cid-w", StringComparison.Ordinal))
        {
            return;
        }

        _created.Add(machine);
        _most = Math.Max(_most, Math.Max(world.Settings.Max, scene.Dispatches.PlannedUnder(machine.Instance.Name)));
        var bound = Bound();
        if (_created.Count > bound)
        {
            _found = true;
            scene.Findings.Violate(
                "W18", $"{_created.Count} instances were created within {world.Clock.Elapsed:d\\.hh\\:mm}, where {Ran} jobs ran and " +
                    $"{_most} workers are allowed at once");
        }
    }

    private int Ran =>
        _created.Sum(m => m.Processes.Values.Count(p => p.JobId is not null || (p.LostFetch && scene.WasAssigned(p))));

    private int Bound()
    {
        var world = scene.World;
        var spent =
            _created.Count(
                m => (scene.Excuses.Spent.Contains(m) || scene.Excuses.IsDoubted(m)) && m.Processes.Values.All(p => p.JobId is null));
        var reserve = world.History.Reserve * (1 + (int)(world.Clock.Elapsed / world.Cloud.Billing.Granularity));
        return Ran + _most + (int)world.Clock.Elapsed.TotalHours + spent + _allowed + (world.History.Reserve > 0 ? reserve : 0);
    }
}
