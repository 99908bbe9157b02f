using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace FjBellows.Integration.Tests.Deploy;

/// <summary>Alerts and the dashboard ask for metrics and labels that the program has.</summary>
public sealed partial class MetricNamesTests
{
    /// <summary>Each metric with its kind and its labels, as the program registers them.</summary>
    private static readonly Dictionary<string, (string Kind, string[] Labels)> Metrics = Directory
        .EnumerateFiles(Repository.At("src/FjBellows.Daemon/Control/Metrics"), "*.cs")
        .SelectMany(f => Registered().Matches(File.ReadAllText(f)))
        .ToDictionary(
            m => m.Groups[2].Value,
            m => (m.Groups[1].Value is "Timed" ? "Histogram" : m.Groups[1].Value["make.Create".Length..], LabelsIn(m.Groups[3].Value)));

    [Fact]
    public void The_alerts_ask_for_metrics_that_there_are() =>
        Problems([.. Expression().Matches(File.ReadAllText(Repository.At("deploy/prometheus/rules.yaml"))).Select(m => m.Groups[1].Value)])
            .ShouldBeEmpty();

    [Fact]
    public void The_alerts_tests_feed_metrics_that_there_are() =>
        Problems([.. Series().Matches(File.ReadAllText(Repository.At("deploy/prometheus/rules_test.yaml"))).Select(m => m.Groups[1].Value)])
            .ShouldBeEmpty();

    [Fact]
    public void The_dashboard_asks_for_metrics_that_there_are_in_panels_that_do_not_overlap()
    {
        var dashboard = JsonNode.Parse(File.ReadAllText(Repository.At("deploy/grafana/fj-bellows.json")))!;
        var panels = dashboard["panels"]!.AsArray().Select(p => p!).ToArray();
        Problems(
            [.. panels.SelectMany(p => p["targets"]?.AsArray() ?? [])
                .Select(t => (string)t!["expr"]!), (string)dashboard["templating"]!["list"]![1]!["definition"]!]).ShouldBeEmpty();

        panels.Select(p => (int)p["id"]!).ShouldBeUnique();
        var cells = panels.Select(p => p["gridPos"]!).SelectMany(g =>
            from x in Enumerable.Range((int)g["x"]!, (int)g["w"]!) from y in Enumerable.Range((int)g["y"]!, (int)g["h"]!) select (x, y))
                .ToArray();
        cells.ShouldBeUnique();
        cells.ShouldAllBe(c => c.x < 24);
    }

    [Fact]
    public void A_name_or_label_that_there_is_not_is_found()
    {
        Problems(["sum by (pool) (fjb_wrokers)"]).ShouldBe(["there is no metric fjb_wrokers"]);
        Problems(["fjb_healthy{pool=\"a\"}"]).ShouldBe(["fjb_healthy has no label pool"]);
        Problems(["rate(fjb_job_wait_seconds[1h])"])
            .ShouldBe(["fjb_job_wait_seconds is a histogram: it is read by _bucket, _sum or _count"]);
    }

    private static string[] Problems(string[] expressions)
    {
        expressions.ShouldNotBeEmpty();
        Metrics.Count.ShouldBeGreaterThan(10);
        var problems = new List<string>();
        foreach (Match used in expressions.SelectMany(e => Used().Matches(e)))
        {
            var name = used.Groups[1].Value;
            var family = Suffix().Replace(name, "");
            var isPart = family != name && Metrics.TryGetValue(family, out var histogram) && histogram.Kind == "Histogram";
            if (!Metrics.TryGetValue(isPart ? family : name, out var metric))
            {
                problems.Add($"there is no metric {name}");
            }
            else if (metric.Kind == "Histogram" && !isPart)
            {
                problems.Add($"{name} is a histogram: it is read by _bucket, _sum or _count");
            }
            else
            {
                problems.AddRange(LabelNames().Matches(used.Groups[2].Value).Select(m => m.Groups[1].Value)
                    .Where(l => l is not ("job" or "instance" or "le") && !metric.Labels.Contains(l))
                    .Select(l => $"{name} has no label {l}"));
            }
        }

        return [.. problems];
    }

    private static string[] LabelsIn(string arguments) => [.. Quoted().Matches(arguments).Select(m => m.Groups[1].Value)];

    // The help is a sentence and ends in a full stop; what follows are the labels.
    [GeneratedRegex(
        @"(Timed|make\.Create(?:Gauge|Counter|Histogram))\(\s*(?:make,\s*)?""(fjb_\w+)"",\s*""[^""]*""(?:\s*\+\s*""[^""]*"")*([^;]*)\);")]
    private static partial Regex Registered();

    [GeneratedRegex(@"^\s+expr: (.+)$", RegexOptions.Multiline)]
    private static partial Regex Expression();

    [GeneratedRegex(@"series: '([^']+)'")]
    private static partial Regex Series();

    [GeneratedRegex(@"\b(fjb_\w+)(\{[^}]*\})?")]
    private static partial Regex Used();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex(@"(\w+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex LabelNames();

    [GeneratedRegex("\"(\\w+)\"")]
    private static partial Regex Quoted();
}
