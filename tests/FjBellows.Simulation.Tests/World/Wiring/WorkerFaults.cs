using FjBellows.Dispatch;
using FjBellows.Sandbox.Virtual;

namespace FjBellows.Simulation.Tests;

/// <summary>What calls to a worker meet.</summary>
internal static class WorkerFaults
{
    public static void Wire(SimulatedWorld world)
    {
        var connector = world.Connector;
        connector.Runners = ProductRunner.Traits;
        connector.Hears = ProductRunner.Hears;
        connector.RefusesLaunch = launch => world.Active<LaunchesFail>().Any(f => !f.AnswerLost && world.Happens(f.Chance))
            || world.Active<JobNeverStarts>().Any(f => f.Hits(world, launch.Handle))
            ? new SessionException(SessionErrorKind.LaunchFailed, "no space left on device")
            : null;
        connector.LosesLaunchAnswer = _ => world.Active<LaunchesFail>().Any(f => f.AnswerLost && world.Happens(f.Chance));
        connector.Meets = (call, machine, _) => Fate(world, call, machine);
        connector.Failure = call => world.LastFault?.Error is { } kind
            ? new SessionException(kind, $"{call}: {world.LastFault.Says}")
            : new SessionException(SessionErrorKind.CommandFailed, $"{call}: the command ended with exit code 1");
        connector.Dialling = world.Oracle.Dialling;
        connector.Leaves = call => world.Effect(call, before: true);
        connector.CarriedOut = call => world.Effect(call, before: false);
    }

    private static CallFate Fate(SimulatedWorld world, string call, VirtualMachine machine)
    {
        foreach (var fault in world.Active<CommandsFail>())
        {
            if (fault.Hits(call) && fault.IsOn(machine) && world.Happens(fault.Chance) && world.CountsAgain(fault, fault.Times))
            {
                world.LastFault = fault;
                return fault.Fate;
            }
        }

        return CallFate.Works;
    }
}
