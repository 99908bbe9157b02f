namespace FjBellows.Jobs;

/// <summary>Compares what waiting jobs ask for with what pools offer.</summary>
internal static class UnservedLabels
{
    /// <summary>What waiting jobs ask for and no pool offers, with the number of jobs; jobs that ask for nothing count as
    /// <c>(nothing)</c>.</summary>
    /// <param name="jobs">The whole queue, whatever its labels.</param>
    /// <param name="pools">What each pool offers.</param>
    public static IReadOnlyList<(string Labels, int Jobs)> Of(IEnumerable<QueuedJob> jobs, IReadOnlyList<LabelSet> pools)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(pools);
        return
        [
            .. jobs.Where(j => j.IsDemand && !pools.Any(p => p.CanRun(j)))
                .GroupBy(j => j.RunsOn.All(string.IsNullOrEmpty) ? "(nothing)" : string.Join(' ', j.RunsOn), StringComparer.Ordinal)
                .Select(g => (g.Key, g.Count()))
                .OrderByDescending(g => g.Item2).ThenBy(g => g.Key, StringComparer.Ordinal),
        ];
    }

    /// <summary>Labels of pools that no job of the queue asks for, by their bare names.</summary>
    /// <param name="jobs">The whole queue, whatever its labels.</param>
    /// <param name="pools">What each pool offers.</param>
    public static IReadOnlyList<string> NotAskedFor(IEnumerable<QueuedJob> jobs, IReadOnlyList<LabelSet> pools)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(pools);
        var asked = jobs.SelectMany(j => j.RunsOn).ToHashSet(StringComparer.Ordinal);
        return [.. pools.SelectMany(p => p.Labels).Select(l => l.Name).Distinct(StringComparer.Ordinal).Where(n => !asked.Contains(n))];
    }
}
