namespace FjBellows.Jobs;

/// <summary>The labels of one pool. A job belongs to the pool when everything it asks for is among the bare names (invariant J6).</summary>
public sealed class LabelSet
{
    private readonly HashSet<string> _names;

    private LabelSet(IReadOnlyList<RunnerLabel> labels)
    {
        Labels = labels;
        _names = labels.Select(l => l.Name).ToHashSet(StringComparer.Ordinal);
        Query = string.Join(',', labels.Select(l => l.Name).Distinct(StringComparer.Ordinal));
    }

    /// <summary>The labels in configured order, each given to the runner with its own <c>--label</c>.</summary>
    public IReadOnlyList<RunnerLabel> Labels { get; }

    /// <summary>The bare names joined by commas: the queue query's <c>labels</c> parameter.</summary>
    public string Query { get; }

    /// <summary>True when any label's jobs need Docker on the worker.</summary>
    public bool NeedsDocker => Labels.Any(l => l.NeedsDocker);

    /// <summary>True when a label has options, which runners before 13 do not understand.</summary>
    public bool HasOptions => Labels.Any(l => l.Options is not null);

    /// <summary>Reads a pool's labels.</summary>
    /// <param name="labels">The labels as configured.</param>
    /// <exception cref="FormatException">The list is empty, one of its labels is malformed, or two of them give one name different
    /// meanings.</exception>
    public static LabelSet Parse(IEnumerable<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        var parsed = labels.Select(RunnerLabel.Parse).ToArray();
        foreach (var twice in parsed.GroupBy(l => l.Name, StringComparer.Ordinal)
            .Where(g => g.Select(l => l.Text).Distinct(StringComparer.Ordinal).Skip(1).Any()))
        {
            throw new FormatException(
                $"label '{twice.Key}' is given as {string.Join(" and as ", twice.Select(l => $"'{l.Text}'"))}; a runner keeps only the " +
                $"last of them: leave one");
        }

        return parsed.Length == 0
            ? throw new FormatException("a pool without labels never gets a job; name at least one label under forgejo.labels")
            : new LabelSet(parsed);
    }

    /// <summary>True when a runner with these labels may run the job. A job that asks for nothing can be run by no runner.</summary>
    /// <param name="job">A job of the queue.</param>
    public bool CanRun(QueuedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.RunsOn.Count > 0 && job.RunsOn.All(_names.Contains);
    }

    /// <inheritdoc />
    public override string ToString() => string.Join(' ', Labels);
}
