using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using FjBellows.Billing;
using FjBellows.Costs;
using FjBellows.Daemon.Commands;
using FjBellows.Daemon.Configuration;
using FjBellows.Daemon.Hosting;
using FjBellows.Daemon.Providers;
using FjBellows.Journal;

namespace FjBellows.Daemon.Bill;

/// <summary>What the workers and jobs of the past cost, and what they would have cost under other settings. Reads the history only: a
/// daemon may run meanwhile.</summary>
internal static class CostCommand
{
    private const int MostRecords = 1_000_000;
    private const int MostRows = 20;

    /// <summary>The command.</summary>
    /// <param name="flags">The flags that every command knows.</param>
    /// <param name="modules">The providers that there are.</param>
    /// <param name="output">Takes the report.</param>
    public static Command Create(DaemonFlags flags, ProviderModules modules, TextWriter output)
    {
        var days = new Option<int>("--days") { Description = "How many days to look back.", DefaultValueFactory = _ => 7 };
        var pool = new Option<string?>("--pool") { Description = "One pool; all of them otherwise.", HelpName = "NAME" };
        var whatIf = new Option<string[]>("--what-if")
        {
            Description = $"Simulates the recorded jobs under another setting, as key=value or key=value,value. Keys: " +
                $"{string.Join(", ", SimulationSweep.Known)}.",
            HelpName = "KEY=VALUES",
        };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command(
            "cost", "Shows billed and used time by pool, day, job and worker, compared with the least that an immediate start of every " +
                "job could have cost. Counts deleted workers only.")
        {
            days, pool, whatIf, json,
        };
        command.SetAction(async (parsed, token) =>
        {
            var since = LookBack.Since(TimeProvider.System, parsed.GetValue(days));
            var (config, history) = Open(flags.Read(parsed), modules);
            var pools = config.Pools.Where(p => parsed.GetValue(pool) is not { } name || p.Settings.Name == name).ToArray();
            if (pools.Length == 0)
            {
                throw new CommandException(
                    ExitCode.Usage,
                    $"there is no pool '{parsed.GetValue(pool)}'; there are: " +
                    $"{string.Join(", ", config.Pools.Select(p => p.Settings.Name))}");
            }

            var reports = new List<PoolCost>();
            foreach (var p in pools)
            {
                reports.Add(await ReadAsync(config, p, history, since, parsed.GetValue(whatIf) ?? [], token).ConfigureAwait(false));
            }

            await output.WriteAsync(parsed.GetValue(json)
                ? JsonSerializer.Serialize([.. reports.Select(PoolCostJson.Of)], BillJson.Default.PoolCostJsonArray) + "\n"
                : string.Join("\n", reports.Select(Text))).ConfigureAwait(false);
            return (int)ExitCode.Ok;
        });
        return command;
    }

    private static (BellowsConfig Config, IPoolHistory History) Open(DaemonOptions options, ProviderModules modules)
    {
        var loaded = ConfigLoader.LoadFile(options.ConfigFile, modules);
        var config = loaded.Config
            ?? throw new CommandException(ExitCode.Usage, $"the configuration cannot be used:\n{string.Join('\n', loaded.Findings)}");
        if (config.State.Connection is { } connection)
        {
            return (config, HistoryIn(JournalSettings.PostgreSql(connection)));
        }

        var state = StateDirectory.Find(options.StateDirectory, config.State.Directory, Environment.GetEnvironmentVariable);
        return File.Exists(Path.Combine(state, JournalSettings.FileName))
            ? (config, HistoryIn(JournalSettings.Sqlite(state)))
            : throw new CommandException(
                ExitCode.State,
                $"no history found in {state}: no daemon has used this directory yet, or the history is elsewhere; "
                + "name its directory with --state");
    }

    private static SqlHistory HistoryIn(JournalSettings settings)
    {
        try
        {
            return new SqlHistory(settings);
        }
        catch (JournalException e)
        {
            throw new CommandException(ExitCode.Usage, e.Message);
        }
    }

    private static async Task<PoolCost> ReadAsync(
        BellowsConfig config, PoolConfig pool, IPoolHistory history, DateTimeOffset since, string[] whatIf, CancellationToken token)
    {
        try
        {
            var settings = PoolComposer.SettingsOf(config, pool);
            var billing = settings.BillingHour is { } hour ? pool.Provider.Billing.WithHour(hour) : pool.Provider.Billing;
            // A worker that went in this time is counted as a whole, so its jobs are, however early they ended.
            var ledgers = await history.LedgersAsync(settings.Name, since, MostRecords, token).ConfigureAwait(false);
            var first = ledgers.Select(l => l.PlannedAt).Append(since).Min();
            var ended = await history.OutcomesAsync(settings.Name, first, MostRecords, token).ConfigureAwait(false);
            var outcomes = CostReport.Settled(ended, ledgers);
            var unsettled = RanSince(ended) - RanSince(outcomes);
            var jobs = RecordedJobs.Of(outcomes);
            IReadOnlyList<SweepPoint> points = [];
            if (whatIf.Length > 0 && jobs.Count > 0)
            {
                var simulated = RecordedJobs.SettingsOf(settings, billing, ledgers);
                points =
                [
                    .. await SimulationSweep.RunAsync(jobs, simulated, "--what-if", [], token).ConfigureAwait(false),
                    .. await SimulationSweep.RunAsync(jobs, simulated, "--what-if", whatIf, token).ConfigureAwait(false),
                ];
            }

            return new PoolCost(settings.Name, outcomes, unsettled, ledgers, billing, points);
        }
        catch (HistoryRefusedException e)
        {
            throw new CommandException(ExitCode.State, e.Message);
        }

        int RanSince(IReadOnlyList<DispatchOutcome> of) => of.Count(o => CostReport.Ran(o) && o.EndedAt >= since);
    }

    private static string Text(PoolCost cost)
    {
        var total = cost.Total;
        var head =
            $"pool {cost.Pool}: {Count(total.Jobs, "job")} on {Count(total.Workers, "worker")}; billed {Hours(total.Billed)} " +
            $"h{Money(total.Money)}: busy {Hours(total.Busy)}, boot {Hours(total.Boot)}, idle {Hours(total.Idle)}" +
            $"; immediate start would cost at least {Hours(total.LeastBilled)} h" +
            (total.Ratio is { } ratio ? $" (ratio {ratio.ToString("0.00", CultureInfo.InvariantCulture)})" : "") +
            (total.MissedBoundaries > 0 ? $"; {Count(total.MissedBoundaries, "unused billing period")}" : "") + "\n";
        if (total.Jobs == 0 && total.Workers == 0)
        {
            return $"pool {cost.Pool}: nothing ended in this time\n" + Unsettled(cost);
        }

        var text = head + Unsettled(cost) +
            $"waits: mean {SweepTable.Short(total.Waits.Mean)}, p50 {SweepTable.Short(total.Waits.P50)}, p95 " +
            $"{SweepTable.Short(total.Waits.P95)}, max {SweepTable.Short(total.Waits.Max)}\n\n";
        text += SweepTable.Columns(
        [
            ["day (UTC)", "jobs", "billed h", "busy h", "bound h", "ratio", "money"],
            .. CostByDay.Of(cost.Outcomes, cost.Ledgers, cost.Billing).Select(d => (string[])
            [
                d.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Count(d.Jobs), Hours(d.Billed), Hours(d.Busy),
                Hours(d.LeastBilled),
                d.Ratio is { } r ? r.ToString("0.00", CultureInfo.InvariantCulture) : "-",
                d.Money is { } m ? m.ToString("0.00", CultureInfo.InvariantCulture) : "?",
            ]),
        ]) + "\n";
        text += SweepTable.Columns(
        [
            ["repository", "runs", "busy h", "share", "wait p95"],
            .. CostByRepository.Of(cost.Outcomes).Take(MostRows).Select(r => (string[])
            [
                r.ToString(), Count(r.Runs), Hours(r.Busy), r.Share.ToString("0 %", CultureInfo.InvariantCulture),
                SweepTable.Short(r.Waits.P95),
            ]),
        ]) + "\n";
        text += SweepTable.Columns(
        [
            ["repository and job", "runs", "busy h", "share", "median", "wait p95"],
            .. CostByJob.Of(cost.Outcomes).Take(MostRows).Select(j => (string[])
            [
                j.ToString(), Count(j.Runs), Hours(j.Busy), j.Share.ToString("0 %", CultureInfo.InvariantCulture),
                SweepTable.Short(j.Median), SweepTable.Short(j.Waits.P95),
            ]),
        ]) + "\n";
        text += SweepTable.Columns(
        [
            ["worker", "created (UTC)", "jobs", "billed", "busy", "boot", "money"],
            .. cost.Ledgers.Where(l => l.CreatedAt is not null).TakeLast(MostRows).Select(l => (string[])
            [
                l.Worker, l.CreatedAt!.Value.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture), Count(l.Jobs),
                SweepTable.Short(l.Billed), SweepTable.Short(l.Busy),
                l.ReadyAt is { } ready ? SweepTable.Short(ready - l.CreatedAt.Value) : "-",
                l.HourlyPrice is { } price ? ((decimal)l.Billed.TotalHours * price).ToString("0.00##", CultureInfo.InvariantCulture) : "?",
            ]),
        ]);
        if (cost.WhatIf.Count == 0)
        {
            return text;
        }

        text += "\n" +
            SweepTable.Text(
                [new SweepPoint("recorded", null, total),
                    .. cost.WhatIf.Select((p, i) => i == 0 ? p with { Setting = "simulated as configured" } : p)]);
        var before = cost.WhatIf[0].Cost;
        return text + string.Concat(cost.WhatIf.Skip(1).Select(p =>
            $"With {p.Setting} these jobs would have cost {Hours(p.Cost.Billed)} h{Money(p.Cost.Money)} instead of " +
            $"{Hours(before.Billed)} h{Money(before.Money)}, and waited {SweepTable.Short(p.Cost.Waits.P95)} instead of " +
            $"{SweepTable.Short(before.Waits.P95)} at p95.\n"));
    }

    private static string Unsettled(PoolCost cost) =>
        cost.Unsettled > 0
            ? $"{Count(cost.Unsettled, "job")} ran on workers that still exist; they are counted when those workers are deleted\n"
            : "";

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    private static string Hours(TimeSpan time) => time.TotalHours.ToString("0.0", CultureInfo.InvariantCulture);

    private static string Money(decimal? money) => money is { } m ? $" ({m.ToString("0.00", CultureInfo.InvariantCulture)})" : "";

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What was recorded of a pool, and what was simulated of it.</summary>
/// <param name="Outcomes">Its dispatches on workers that are gone.</param>
/// <param name="Unsettled">How many jobs ran on workers that still exist.</param>
/// <param name="Ledgers">Its workers.</param>
/// <param name="Billing">How its cloud bills.</param>
/// <param name="WhatIf">The simulations, the first as configured; empty where none was asked for.</param>
internal sealed record PoolCost(
    string Pool, IReadOnlyList<DispatchOutcome> Outcomes, int Unsettled, IReadOnlyList<WorkerLedger> Ledgers, BillingModel Billing,
    IReadOnlyList<SweepPoint> WhatIf)
{
    /// <summary>The whole.</summary>
    public CostReport Total { get; } = CostReport.Of(Outcomes, Ledgers, Billing);
}
