using FjBellows.Jobs;

namespace FjBellows.Setup;

/// <summary>How long jobs may wait for a place before a worker is created for them alone (<c>scale.wait_budget</c>).</summary>
public sealed record WaitSettings
{
    /// <summary>The budget of a job none of whose labels has one of its own; zero creates at once (invariant W1).</summary>
    public TimeSpan Budget { get; init; }

    /// <summary>Budgets of jobs that ask for a label, by its bare name; of several the shortest counts.</summary>
    public IReadOnlyDictionary<string, TimeSpan> ByLabel { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>How long a job is expected to take of which no run is remembered.</summary>
    public TimeSpan ExpectedDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>True when no job ever waits for another's end.</summary>
    public bool ProvisionsAtOnce => Budget <= TimeSpan.Zero && ByLabel.Values.All(b => b <= TimeSpan.Zero);

    /// <summary>The budget of a job.</summary>
    public TimeSpan Of(QueuedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        TimeSpan? least = null;
        if (ByLabel.Count > 0)
        {
            foreach (var label in job.RunsOn)
            {
                if (ByLabel.TryGetValue(label, out var budget) && (least is null || budget < least))
                {
                    least = budget;
                }
            }
        }

        return least ?? Budget;
    }

    /// <summary>When a job's budget ends.</summary>
    /// <param name="firstSeen">When it was first seen waiting.</param>
    internal DateTimeOffset DeadlineOf(QueuedJob job, DateTimeOffset firstSeen) => firstSeen + Of(job);
}
