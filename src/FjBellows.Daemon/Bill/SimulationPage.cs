using System.Globalization;
using System.Net;
using System.Text;
using FjBellows.Sandbox.Simulation;

namespace FjBellows.Daemon.Bill;

/// <summary>A sweep as one page that needs nothing else: the curve of cost against wait, the table, and the workers as billed
/// hours.</summary>
internal static class SimulationPage
{
    private const int Width = 900;
    private const int MostWorkers = 60;

    /// <summary>The page.</summary>
    /// <param name="points">The settings, at least one.</param>
    public static string Html(IReadOnlyList<SweepPoint> points, IReadOnlyList<SimulatedJob> jobs)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $$"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>fj-bellows simulate</title>
            <style>
            :root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --line: #c9d1dc; --billed: #b9c9e6; --busy: #2458b3; --boot: #d98b1f; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --paper: #12161c; --line: #3a4452; --billed: #2d405f; --busy: #7fb0ff; --boot: #e0a64a; } }
            body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 960px; padding: 0 1rem; color: var(--ink); background: var(--paper); }
            svg { max-width: 100%; height: auto; } text { fill: var(--ink); font-size: 12px; } table { border-collapse: collapse; width: 100%; }
            th, td { text-align: right; padding: .25rem .5rem; border-bottom: 1px solid var(--line); } th:first-child, td:first-child { text-align: left; }
            </style></head><body>
            <h1>What {{jobs.Count}} jobs would have cost</h1>
            <p>{{jobs.Min(j => j.At):yyyy-MM-dd}} to {{jobs.Max(j => j.At):yyyy-MM-dd}}. The bound is the least that could have been billed with immediate start; a ratio below 1 costs waiting time.</p>

            """);
        page.Append("<h2>Cost against wait</h2>\n").Append(Curve(points));
        page.Append("<h2>Figures</h2>\n").Append(Table(points));
        foreach (var point in points.Where(p => p.Result is not null))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>The busiest day: {WebUtility.HtmlEncode(Name(point))}</h2>\n")
                .Append(Timeline(point.Result!));
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static string Name(SweepPoint point) => point.Setting.Length == 0 ? "as configured" : point.Setting;

    private static string Curve(IReadOnlyList<SweepPoint> points)
    {
        const int Height = 320;
        const int Left = 60;
        const int Bottom = 40;
        var longest = Math.Max(1, points.Max(p => p.Cost.Waits.P95.TotalMinutes)) * 1.1;
        var dearest = Math.Max(1, points.Max(p => p.Cost.Billed.TotalHours)) * 1.1;
        double X(double minutes) => Left + (minutes / longest * (Width - Left - 120));
        double Y(double hours) => Height - Bottom - (hours / dearest * (Height - Bottom - 10));
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Billed hours by 95th percentile of waits\">\n");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<path d=\"M{Left} 10V{Height - Bottom}H{Width - 60}\" fill=\"none\" stroke=\"var(--line)\"/>\n");
        for (var i = 0; i <= 4; i++)
        {
            var (hours, minutes) = (dearest * i / 4, longest * i / 4);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{Left - 6}\" y=\"{Y(hours) + 4:0.#}\" text-anchor=\"end\">{hours:0}</text><text x=\"{X(minutes):0.#}\" " +
                $"y=\"{Height - Bottom + 16}\" text-anchor=\"middle\">{minutes:0.#}</text>\n");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{Left + 6}\" y=\"18\">billed hours</text><text x=\"{Width - 60}\" y=\"{Height - 6}\" text-anchor=\"end\">p95 of " +
            $"waits, minutes</text>\n");
        var ordered = points.OrderBy(p => p.Cost.Waits.P95).ToArray();
        var line = string.Join(' ', ordered.Select(p => string.Create(
            CultureInfo.InvariantCulture, $"{X(p.Cost.Waits.P95.TotalMinutes):0.#},{Y(p.Cost.Billed.TotalHours):0.#}")));
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<polyline fill=\"none\" stroke=\"var(--busy)\" stroke-width=\"2\" points=\"{line}\"/>\n");
        foreach (var p in ordered)
        {
            var (x, y) = (X(p.Cost.Waits.P95.TotalMinutes), Y(p.Cost.Billed.TotalHours));
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<circle cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"4\" fill=\"var(--busy)\"/><text x=\"{x + 8:0.#}\" " +
                $"y=\"{y - 6:0.#}\">{WebUtility.HtmlEncode(Name(p))}</text>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Table(IReadOnlyList<SweepPoint> points)
    {
        var lines = SweepTable.Text(points).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var table = new StringBuilder("<table>\n");
        foreach (var (index, line) in lines.Index())
        {
            var tag = index == 0 ? "th" : "td";
            var cells = line.TrimEnd('\r').Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            table.Append("<tr>").AppendJoin("", cells.Select(c => $"<{tag}>{WebUtility.HtmlEncode(c)}</{tag}>")).Append("</tr>\n");
        }

        return table.Append("</table>\n").ToString();
    }

    /// <summary>A day of workers, a line each: what was billed, how long it booted, what it ran.</summary>
    private static string Timeline(SimulationResult result)
    {
        var bought = result.Ledgers.Where(l => l.CreatedAt is not null).ToArray();
        if (bought.Length == 0)
        {
            return "<p>No worker was provisioned.</p>\n";
        }

        var day = bought.GroupBy(l => l.CreatedAt!.Value.UtcDateTime.Date).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First();
        var shown = day.OrderBy(l => l.CreatedAt).Take(MostWorkers).ToArray();
        var begin = new DateTimeOffset(day.Key, TimeSpan.Zero);
        var end = begin.AddDays(1);
        double X(DateTimeOffset at) => 70 + (Math.Clamp((at - begin) / (end - begin), 0, 1) * (Width - 80));
        var runs = result.Outcomes.Where(o => o.Assignment.StartedAt is not null).ToLookup(o => o.Worker, StringComparer.Ordinal);
        var height = (shown.Length * 12) + 30;
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<p>{day.Key:yyyy-MM-dd}: {day.Count()} " +
            $"{(day.Count() == 1 ? "worker" : "workers")}{(day.Count() > shown.Length ? $", the first {shown.Length} shown" : "")}. " +
            $"Pale: billed; amber: booting; dark: running a job.</p>\n");
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {height}\" role=\"img\" aria-label=\"Workers of the busiest day as billed hours\">\n");
        for (var hour = 0; hour <= 24; hour += 3)
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{X(begin.AddHours(hour)):0.#}\" y=\"{height - 6}\" text-anchor=\"middle\">{hour:00}</text>\n");
        }

        foreach (var (row, worker) in shown.Index())
        {
            var y = 4 + (row * 12);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"64\" y=\"{y + 8}\" text-anchor=\"end\">{WebUtility.HtmlEncode(worker.Worker)}</text>\n");
            Bar(worker.CreatedAt!.Value, worker.CreatedAt.Value + worker.Billed, "billed");
            Bar(worker.CreatedAt.Value, worker.ReadyAt ?? worker.GoneAt, "boot");
            foreach (var run in runs[worker.Worker])
            {
                Bar(run.Assignment.StartedAt!.Value, run.EndedAt, "busy");
            }

            void Bar(DateTimeOffset from, DateTimeOffset until, string color) => svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect x=\"{X(from):0.##}\" y=\"{y}\" width=\"{Math.Max(0.5, X(until) - X(from)):0.##}\" height=\"9\" " +
                $"fill=\"var(--{color})\"/>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }
}
