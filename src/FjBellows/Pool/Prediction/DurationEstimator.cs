using FjBellows.Jobs;

namespace FjBellows.Pool;

/// <summary>What tells one recurring job from another: its repository and its name in the workflow.</summary>
/// <param name="RepoId">The repository's id.</param>
/// <param name="Name">The job's name.</param>
public readonly record struct JobKind(long RepoId, string Name)
{
    /// <summary>The kind of a job.</summary>
    public static JobKind Of(QueuedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new JobKind(job.RepoId, job.Name);
    }
}

/// <summary>How long jobs and boots usually take, as far as a plan needs it.</summary>
internal interface ITimeForecast
{
    /// <summary>How long a job keeps a worker, from its assignment to its end.</summary>
    TimeEstimate Of(QueuedJob job);

    /// <summary>From a create call to readiness.</summary>
    TimeEstimate Boot { get; }
}

/// <summary>Learns how long jobs and boots take from what was recorded. Bounded (invariant R7): the kinds longest unseen are
/// forgotten.</summary>
/// <param name="expected">How long a job of an unknown kind is expected to take.</param>
internal sealed class DurationEstimator(TimeSpan expected) : ITimeForecast
{
    /// <summary>The most kinds remembered.</summary>
    public const int MostKinds = 4096;

    private static readonly TimeEstimate UnknownBoot = TimeEstimate.Default(TimeSpan.FromMinutes(1));

    private readonly OrderedDictionary<JobKind, RecentDurations> _jobs = [];
    private readonly RecentDurations _boots = new();
    private TimeEstimate _unknown = TimeEstimate.Default(expected);

    /// <inheritdoc />
    public TimeEstimate Boot => _boots.Usual ?? UnknownBoot;

    /// <summary>Kinds remembered.</summary>
    public int Kinds => _jobs.Count;

    /// <inheritdoc />
    public TimeEstimate Of(QueuedJob job) => _jobs.TryGetValue(JobKind.Of(job), out var times) ? times.Usual! : _unknown;

    /// <summary>Changes how long a job of an unknown kind is expected to take.</summary>
    /// <param name="time">How long.</param>
    public void Expect(TimeSpan time) => _unknown = TimeEstimate.Default(time);

    /// <summary>Learns from a dispatch that ended; only a job that ran to its end says how long it takes.</summary>
    public void Learn(DispatchOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var took = outcome.EndedAt - outcome.Assignment.AssignedAt;
        if (outcome.Kind != OutcomeKind.Completed || took <= TimeSpan.Zero)
        {
            return;
        }

        var kind = JobKind.Of(outcome.Assignment.Job);
        if (_jobs.Remove(kind, out var times))
        {
            _jobs.Add(kind, times);
        }
        else
        {
            _jobs.Add(kind, times = new RecentDurations());
            if (_jobs.Count > MostKinds)
            {
                _jobs.RemoveAt(0);
            }
        }

        times.Add(took);
    }

    /// <summary>Learns from a worker that became ready.</summary>
    /// <param name="plannedAt">When it was intended.</param>
    /// <param name="readyAt">When it was first ready.</param>
    public void LearnBoot(DateTimeOffset plannedAt, DateTimeOffset readyAt)
    {
        if (readyAt > plannedAt)
        {
            _boots.Add(readyAt - plannedAt);
        }
    }
}
