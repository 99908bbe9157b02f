using FjBellows.Providers;

namespace FjBellows.Simulation.Tests;

/// <summary>What the pool's calls to the cloud meet.</summary>
internal static class CloudFaults
{
    public static void Wire(SimulatedWorld world)
    {
        var cloud = world.Cloud;
        cloud.Fails = call => world.Active<CloudRefuses>().FirstOrDefault(f => f.Hits(call) && world.Happens(f.Chance)) is { } f
            ? new CloudException(f.Error, $"{call}: {f.Error}", f.RetryAfter)
            : call == "create" && world.Active<CreatesSucceedLate>().Any(l => world.Happens(l.Chance))
                ? new CloudException(CloudErrorKind.Transient, "create: 504 Gateway Timeout")
                : null;
        cloud.SucceedsLater = call => call == "create" && world.Active<CreatesSucceedLate>().FirstOrDefault() is { } late
            ? late.Takes
            : null;
        cloud.MakesBroken = () => world.Active<MachinesBroken>().Any(b => world.Happens(b.Chance));
        cloud.LosesAnswer = call => world.Active<CloudAnswersLost>().Any(f => f.Hits(call) && world.Happens(f.Chance));
        cloud.BootTakes = _ => world.Active<BootsBadly>().FirstOrDefault() is { } bad
            ? bad.Takes
            : world.History.Boot * (0.8 + (0.4 * world.NextDouble()));
        cloud.Hides = machine => world.Active<CloudDenies>().Any()
            || world.Active<ListsBadly>().Any(f => world.Clock.Now - machine.MadeAt < f.YoungerThan && world.Happens(f.Chance));
        cloud.Denies = _ => world.Active<CloudDenies>().Any();
        cloud.Leaves = call => world.Effect(call, before: true);
        cloud.CarriedOut = call => world.Effect(call, before: false);
        cloud.Made = world.Oracle.MachineMade;
        cloud.Deleting = world.Oracle.MachineDeleting;
        cloud.ProcessStarted = world.Oracle.ProcessStarted;
        cloud.Signalling = world.Oracle.ProcessSignalled;
    }
}
