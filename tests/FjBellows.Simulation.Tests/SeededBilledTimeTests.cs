using System.Globalization;
using FjBellows.Billing;
using Xunit.Abstractions;

namespace FjBellows.Simulation.Tests;

/// <summary>What the pool pays, against the least that immediate start could have cost.</summary>
public sealed class SeededBilledTimeTests(ITestOutputHelper output)
{
    /// <summary>From the purchase to the first job beyond the boot: calls, dials and the readiness check.</summary>
    private static readonly TimeSpan Timeouts = TimeSpan.FromMinutes(1);

    /// <summary>How many leases a pool may have begun at a moment for which so many would have done: of each, its boot and the margin at
    /// its end are of no use to a job, and at most two more are bought for jobs that, while those booted, got a worker that had become
    /// free.</summary>
    private static double Allowed(int needed, SimulatedWorld world, TimeSpan boot)
    {
        var step = world.Cloud.Billing.Granularity;
        return 2 + (needed * (step / (step - world.Settings.Teardown.HourMargin - boot)));
    }

    [Fact]
    [Trait("Invariant", "B2")]
    public void Billed_time_never_passes_the_bound_by_more_than_the_policy_allows()
    {
        var (paid, least) = (0, 0);
        var problems = new List<string>();
        foreach (var history in Enumerable.Range(1, 60).Select(HistoryGenerator.Of).Where(h => h.Billing.IsLeased))
        {
            var calm = history with { Events = [.. history.Events.Where(e => e is RunArrives or JobsArrive { Group: null })] };
            var world = new SimulatedWorld(calm);
            foreach (var e in calm.Events)
            {
                world.Clock.Schedule(e.At, () => world.Begin(e));
            }

            HistoryRun.Finish(world, calm).Violations.ShouldBeEmpty();

            var spans = world.Forge.State.Jobs().SelectMany(j => j.Tasks)
                .Select(t => new BusySpan(t.StartedAt, t.StoppedAt ?? world.Clock.Now)).ToArray();
            var bound = LeaseBound.Leases(spans, world.Cloud.Billing.Granularity);
            var bought = Leases(world).Order().ToArray();
            (paid, least) = (paid + bought.Length, least + bound.Count);
            for (var i = 0; i < bought.Length; i++)
            {
                // What is bought now is for a job that starts after its boot.
                var needed = bound.Count(b => b <= bought[i] + calm.Boot + Timeouts);
                if (i + 1 > Allowed(needed, world, calm.Boot))
                {
                    problems.Add($"seed {calm.Seed}: {i + 1} leases begun by {bought[i]:HH:mm:ss}, where {needed} would have done");
                    break;
                }
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{paid} leases paid, {least} needed: {(double)paid / least:0.000}"));
        problems.ShouldBeEmpty();
        ((double)paid / least).ShouldBeLessThan(1.15);
    }

    private static IEnumerable<DateTimeOffset> Leases(SimulatedWorld world)
    {
        var step = world.Cloud.Billing.Granularity;
        foreach (var machine in world.Cloud.Machines)
        {
            for (var at = machine.Instance.CreatedAt; at < (machine.GoneAt ?? world.Clock.Now); at += step)
            {
                yield return at;
            }
        }
    }
}
