using FjBellows.Sandbox.Forge;

namespace FjBellows.Simulation.Tests;

/// <summary>Nobody else's registration is deleted (invariant O3), and none of ours is left (invariant O4).</summary>
internal sealed class RegistrationCheck(Scene scene) : ICheck
{
    public void ForgeHappened(ForgeEvent e)
    {
        if (e.Kind == ForgeEventKind.RunnerDeleted && e.Runner is { } name && scene.Excuses.IsPlantedRunner(name))
        {
            scene.Findings.Violate("O3", $"registration {name}, which is not ours, was deleted");
        }
    }

    public void End(bool quiet)
    {
        foreach (var runner in scene.World.Forge.State.Runners(ForgeScope.Admin).Where(r => !scene.Excuses.IsPlantedRunner(r.Id)))
        {
            scene.Findings.Violate("O4", $"registration {runner.Name} ({runner.Id}) is left");
        }
    }
}
