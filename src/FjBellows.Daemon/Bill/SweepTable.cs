using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using FjBellows.Costs;

namespace FjBellows.Daemon.Bill;

/// <summary>What a sweep found, as a table and as JSON.</summary>
internal static class SweepTable
{
    /// <summary>The table: a line for each setting.</summary>
    /// <param name="points">The settings.</param>
    public static string Text(IReadOnlyList<SweepPoint> points)
    {
        var money = points.Any(p => p.Cost.Money is not null);
        List<string[]> rows =
        [
            ["setting", "billed h", .. money ? ["money"] : Array.Empty<string>(), "bound h", "ratio", "used", "workers", "wait mean",
                "p50", "p95", "max", "warm"],
            .. points.Select(p => (string[])
            [
                p.Setting.Length == 0 ? "as configured" : p.Setting,
                Number(p.Cost.Billed.TotalHours, "0.0"),
                .. money ? [p.Cost.Money is { } m ? m.ToString("0.00", CultureInfo.InvariantCulture) : "?"] : Array.Empty<string>(),
                Number(p.Cost.LeastBilled.TotalHours, "0.0"),
                p.Cost.Ratio is { } ratio ? Number(ratio, "0.000") : "-",
                Number(p.Cost.UsedShare, "0.0 %"),
                p.Cost.Workers.ToString(CultureInfo.InvariantCulture),
                Short(p.Cost.Waits.Mean),
                Short(p.Cost.Waits.P50),
                Short(p.Cost.Waits.P95),
                Short(p.Cost.Waits.Max),
                Number(p.Cost.Jobs == 0 ? 0 : (double)p.Cost.WarmStarts / p.Cost.Jobs, "0 %"),
            ]),
        ];
        return Columns(rows);
    }

    /// <summary>The figures as JSON.</summary>
    /// <param name="points">The settings.</param>
    public static string Json(IReadOnlyList<SweepPoint> points) =>
        JsonSerializer.Serialize([.. points.Select(p => CostJson.Of(p.Setting, p.Cost))], BillJson.Default.CostJsonArray) + "\n";

    /// <summary>Rows of cells as columns: the first to the left, numbers to the right.</summary>
    /// <param name="rows">The rows, all equally long, the first the headings.</param>
    public static string Columns(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(c => rows.Max(r => r[c].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.AppendLine(
                string.Join("  ", row.Select((cell, c) => c == 0 ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c]))).TrimEnd());
        }

        return text.ToString();
    }

    /// <summary>A time for people: <c>4m05s</c>.</summary>
    public static string Short(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}h{time.Minutes:00}m")
        : time.TotalMinutes >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}m{time.Seconds:00}s")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0}s");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>A report as JSON; times are hours where the name says so, else seconds.</summary>
internal sealed record CostJson(
    string Setting,
    int Jobs,
    int Workers,
    int WarmStarts,
    double BilledHours,
    double BusyHours,
    double BootHours,
    double IdleHours,
    double UsedShare,
    double BoundHours,
    double? Ratio,
    decimal? Money,
    int MissedBoundaries,
    WaitJson Wait)
{
    public static CostJson Of(string setting, CostReport cost) => new(
        setting,
        cost.Jobs,
        cost.Workers,
        cost.WarmStarts,
        Round(cost.Billed.TotalHours),
        Round(cost.Busy.TotalHours),
        Round(cost.Boot.TotalHours),
        Round(cost.Idle.TotalHours),
        Round(cost.UsedShare),
        Round(cost.LeastBilled.TotalHours),
        cost.Ratio is { } ratio ? Round(ratio) : null,
        cost.Money is { } money ? Math.Round(money, 4) : null,
        cost.MissedBoundaries,
        new WaitJson(
            Round(cost.Waits.Mean.TotalSeconds), Round(cost.Waits.P50.TotalSeconds), Round(cost.Waits.P95.TotalSeconds),
            Round(cost.Waits.Max.TotalSeconds)));

    private static double Round(double value) => Math.Round(value, 4);
}

/// <summary>Waits in seconds.</summary>
internal sealed record WaitJson(double Mean, double P50, double P95, double Max);

/// <summary>A pool's cost as JSON; <c>unsettled_jobs</c> ran on workers that still exist, and are in no other figure.</summary>
internal sealed record PoolCostJson(
    string Pool,
    CostJson Total,
    int UnsettledJobs,
    IReadOnlyList<DayJson> Days,
    IReadOnlyList<RepositoryJson> Repositories,
    IReadOnlyList<JobJson> Jobs,
    IReadOnlyList<WorkerJson> Workers,
    IReadOnlyList<CostJson> WhatIf)
{
    public static PoolCostJson Of(PoolCost cost) => new(
        cost.Pool,
        CostJson.Of("recorded", cost.Total),
        cost.Unsettled,
        [.. CostByDay.Of(cost.Outcomes, cost.Ledgers, cost.Billing)
            .Select(d => new DayJson(d.Day, d.Jobs, Hours(d.Billed), Hours(d.Busy), Hours(d.LeastBilled), d.Ratio, d.Money))],
        [.. CostByRepository.Of(cost.Outcomes)
            .Select(r => new RepositoryJson(r.RepoId, r.Repo, r.Runs, Hours(r.Busy), Math.Round(r.Share, 4), r.Waits.P95.TotalSeconds))],
        [.. CostByJob.Of(cost.Outcomes)
            .Select(j => new JobJson(
                j.Kind.RepoId, j.Repo, j.Kind.Name, j.Runs, Hours(j.Busy), Math.Round(j.Share, 4), j.Median.TotalSeconds,
                j.Waits.P95.TotalSeconds))],
        [.. cost.Ledgers.Where(l => l.CreatedAt is not null)
            .Select(l => new WorkerJson(
                l.Worker, l.CreatedAt!.Value, l.GoneAt, l.Jobs, Hours(l.Billed), Hours(l.Busy), (l.ReadyAt - l.CreatedAt)?.TotalSeconds,
                l.HourlyPrice, l.Why, l.End))],
        [.. cost.WhatIf.Select((p, i) => CostJson.Of(i == 0 ? "as configured" : p.Setting, p.Cost))]);

    private static double Hours(TimeSpan time) => Math.Round(time.TotalHours, 4);
}

/// <summary>A day as JSON.</summary>
internal sealed record DayJson(
    DateOnly Day, int Jobs, double BilledHours, double BusyHours, double BoundHours, double? Ratio, decimal? Money);

/// <summary>A repository as JSON.</summary>
internal sealed record RepositoryJson(long Repository, string? Repo, int Runs, double BusyHours, double Share, double WaitP95Seconds);

/// <summary>A recurring job as JSON.</summary>
internal sealed record JobJson(
    long Repository, string? Repo, string Name, int Runs, double BusyHours, double Share, double MedianSeconds, double WaitP95Seconds);

/// <summary>A worker as JSON.</summary>
internal sealed record WorkerJson(
    string Worker, DateTimeOffset CreatedAt, DateTimeOffset GoneAt, int Jobs, double BilledHours, double BusyHours, double? BootSeconds,
    decimal? HourlyPrice, string Why, string End);

/// <summary>How the bill's records look as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CostJson[]))]
[JsonSerializable(typeof(PoolCostJson[]))]
internal sealed partial class BillJson : JsonSerializerContext;
