using FjBellows.Sandbox.Simulation;

namespace FjBellows.Tests.Simulation;

/// <summary>Times of commits.</summary>
internal static class CommitTrace
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    // The quantiles of the seconds between two commits of a public project of one team, over eight months.
    private static readonly (double Share, double Seconds)[] Gaps =
        [(0, 0), (0.1, 0), (0.25, 88), (0.4, 727), (0.5, 1368), (0.6, 2350), (0.75, 5135), (0.9, 32_251), (0.95, 59_547), (0.99, 153_327),
            (1, 200_000)];

    /// <summary>The file that FJB_COMMIT_TRACE names, one unix time a line; null where it names none.</summary>
    public static IReadOnlyList<DateTimeOffset>? Recorded() =>
        Environment.GetEnvironmentVariable("FJB_COMMIT_TRACE") is { Length: > 0 } file
            ? JobHistories.ReadTimes(File.ReadLines(file))
            : null;

    /// <summary>Commits that come like those of that project.</summary>
    public static IReadOnlyList<DateTimeOffset> Generated(int count, int seed)
    {
        var dice = new Random(seed);
        var at = Start;
        return [.. Enumerable.Range(0, count).Select(_ => at += Gap(dice.NextDouble()))];
    }

    private static TimeSpan Gap(double share)
    {
        var i = Array.FindIndex(Gaps, g => g.Share >= share);
        var (below, above) = (Gaps[Math.Max(0, i - 1)], Gaps[i]);
        var part = above.Share > below.Share ? (share - below.Share) / (above.Share - below.Share) : 0;
        return TimeSpan.FromSeconds(Math.Round(below.Seconds + (part * (above.Seconds - below.Seconds))));
    }
}
