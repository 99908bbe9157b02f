using System.Globalization;

namespace FjBellows.Sandbox.Simulation;

/// <summary>Histories of jobs to simulate.</summary>
public static class JobHistories
{
    private const double LongestSeconds = 30 * 86_400;

    /// <summary>Leaves room for what is computed from it.</summary>
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string[] Docker = ["docker"];

    /// <summary>Jobs that come with commits: each commit brings the same parallel jobs, whose lengths differ around a median.</summary>
    /// <param name="commits">When the commits came, in any order.</param>
    /// <param name="jobsPerCommit">How many jobs each brings.</param>
    /// <param name="median">Half of all jobs take no longer.</param>
    /// <param name="spread">How much lengths differ: the standard deviation of their logarithm (0.25 means that one in ten takes more than
    /// 1.38 medians); 0 for none.</param>
    /// <param name="seed">Makes the lengths repeatable.</param>
    public static IReadOnlyList<SimulatedJob> OfCommits(
        IEnumerable<DateTimeOffset> commits, int jobsPerCommit, TimeSpan median, double spread, int seed)
    {
        ArgumentNullException.ThrowIfNull(commits);
        var dice = new Random(seed);
        return
        [
            .. commits.Order().SelectMany(at => Enumerable.Range(1, jobsPerCommit).Select(n => new SimulatedJob(
                at,
                TimeSpan.FromSeconds(Math.Max(1, Math.Round(median.TotalSeconds * Math.Exp(spread * Normal(dice)), 1))),
                "commits",
                $"job-{n}",
                Docker))),
        ];
    }

    /// <summary>Reads commit times: one unix time in seconds a line, in any order; empty lines and lines that begin with # are left
    /// out.</summary>
    /// <exception cref="FormatException">A line is no time.</exception>
    public static IReadOnlyList<DateTimeOffset> ReadTimes(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        return [.. Lines(lines).Select(l => UnixTime(l.Text) is { } at
            ? at
            : throw new FormatException($"line {l.Number}: '{l.Text}' is no unix time in seconds"))];
    }

    /// <summary>Reads jobs from comma-separated values: <c>queued_at,seconds[,repository[,name[,labels]]]</c>. The first is a unix time in
    /// seconds or an ISO 8601 time, labels are separated by spaces; a first line that names the columns is left out.</summary>
    /// <exception cref="FormatException">A line does not fit.</exception>
    public static IReadOnlyList<SimulatedJob> ReadCsv(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var jobs = new List<SimulatedJob>();
        foreach (var (number, text) in Lines(lines))
        {
            var cells = text.Split(',', StringSplitOptions.TrimEntries);
            if (jobs.Count == 0 && cells[0].StartsWith("queued", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (cells.Length < 2 || Time(cells[0]) is not { } at
                || !double.TryParse(cells[1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
                || seconds is not (> 0 and <= LongestSeconds))
            {
                throw new FormatException(
                    $"line {number}: '{text}' is no job; write queued_at,seconds[,repository[,name[,labels]]], such as " +
                    $"2026-03-01T10:00:00Z,240,octo/app,test,docker");
            }

            jobs.Add(
                new SimulatedJob(
                    at, TimeSpan.FromSeconds(seconds), Cell(cells, 2, "csv"), Cell(cells, 3, "job"),
                    Cell(cells, 4, "docker").Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        }

        return jobs;
    }

    private static string Cell(string[] cells, int index, string standard) =>
        cells.Length > index && cells[index].Length > 0 ? cells[index] : standard;

    private static DateTimeOffset? Time(string text) =>
        UnixTime(text)
        ?? (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && at >= DateTimeOffset.UnixEpoch && at < Latest ? at : null);

    private static DateTimeOffset? UnixTime(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < Latest.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static IEnumerable<(int Number, string Text)> Lines(IEnumerable<string> lines) =>
        lines.Select((text, i) => (i + 1, text.Trim())).Where(l => l.Item2.Length > 0 && l.Item2[0] != '#');

    private static double Normal(Random dice) =>
        Math.Sqrt(-2 * Math.Log(1 - dice.NextDouble())) * Math.Cos(2 * Math.PI * dice.NextDouble());
}
