using FjBellows.Jobs;

namespace FjBellows.Simulation.Tests;

/// <summary>What calls to Forgejo meet, the pool's and the runners'.</summary>
internal static class ForgejoFaults
{
    public static void Wire(SimulatedWorld world)
    {
        var forge = world.Forge;
        forge.Fails = call => world.Active<ForgejoRefuses>().FirstOrDefault(f => f.Hits(call) && world.Happens(f.Chance)) is { } f
            ? new ForgejoException(f.Error, $"{call}: {f.Error}", f.RetryAfter)
            : null;
        forge.LosesAnswer = call => world.Active<ForgejoAnswersLost>().Any(f => f.Hits(call) && world.Happens(f.Chance));
        forge.LosesRunnersAnswer = (call, _) => call == "fetch" && world.Active<FetchAnswersLost>().Any(f => world.Happens(f.Chance));
        forge.Distort = jobs =>
        {
            if (!world.Active<QueueReordered>().Any())
            {
                return jobs;
            }

            var all = jobs.Concat(jobs.Where(_ => world.Happens(0.3))).ToArray();
            world.Shuffle(all);
            return all;
        };
        forge.Omits = _ => world.Active<RunnersListedBadly>().Any(f => world.Happens(f.Chance));
        forge.Withholds = job => world.Withheld.Contains(job.Id);
        forge.Leaves = call => world.Effect(call, before: true);
        forge.CarriedOut = call => world.Effect(call, before: false);
        forge.State.Happened += world.Oracle.ForgeHappened;
    }
}
