using System.Globalization;
using FjBellows.Billing;
using FjBellows.Costs;
using FjBellows.Pool;
using FjBellows.Sandbox.Simulation;

namespace FjBellows.Daemon.Bill;

/// <summary>What a pool's history says about the jobs and the cloud, as a simulation takes it.</summary>
internal static class RecordedJobs
{
    /// <summary>The jobs that ran: each came when it was first seen, and takes as long as it took.</summary>
    /// <param name="outcomes">The dispatches that ended.</param>
    public static IReadOnlyList<SimulatedJob> Of(IEnumerable<DispatchOutcome> outcomes) =>
    [
        .. outcomes.Where(o => CostReport.Ran(o) && o.Ran > TimeSpan.Zero).Select(o => new SimulatedJob(
            CostReport.Needed(o).From,
            o.Ran,
            o.Assignment.Job.RepoId.ToString(CultureInfo.InvariantCulture),
            o.Assignment.Job.Name,
            o.Assignment.Job.RunsOn)),
    ];

    /// <summary>The pool as it is configured, on a cloud that boots as it was seen to and costs what it last did.</summary>
    /// <param name="billing">How its cloud bills.</param>
    /// <param name="ledgers">Its workers.</param>
    public static SimulationSettings SettingsOf(PoolSettings pool, BillingModel billing, IReadOnlyList<WorkerLedger> ledgers)
    {
        var settings = new SimulationSettings
        {
            Max = Math.Max(1, pool.Max),
            Waiting = pool.Waiting,
            Reserve = pool.Reserve,
            Teardown = pool.Teardown,
            SingleUse = pool.SingleUse,
            Poll = pool.Poll,
            Billing = billing,
            HourlyPrice = ledgers.LastOrDefault(l => l.HourlyPrice is not null)?.HourlyPrice,
        };
        TimeSpan[] boots = [.. ledgers.Where(l => l.ReadyAt > l.CreatedAt).Select(l => l.ReadyAt!.Value - l.CreatedAt!.Value)];
        if (boots.Length == 0)
        {
            return settings;
        }

        var usual = new TimeEstimate(boots);
        return settings with { Boot = usual.Median, BootSpread = Math.Clamp((usual.P90 / usual.Median) - 1, 0, 0.9) };
    }
}
