using FjBellows.Jobs;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>When a job is predicted to start, and where.</summary>
/// <param name="At">When; <see cref="DateTimeOffset.MaxValue"/> for never.</param>
/// <param name="Worker">The worker; null for one that is yet to be provisioned.</param>
internal readonly record struct PredictedStart(DateTimeOffset At, string? Worker);

/// <summary>
/// Predicts when jobs without a place start: they are given, in order, to whichever worker is free first, counting running jobs by what is
/// left of their usual length, booting workers by the usual boot, and a number of workers provisioned now. Pure.
/// </summary>
internal sealed class WaitPrediction
{
    // Predictions are not that exact: an hour is not spent on a twentieth of the budget, or for a second.
    private const int ToleratedPart = 20;
    private const long Second = TimeSpan.TicksPerSecond;

    private readonly PlanInput _input;
    private readonly ITimeForecast _forecast;
    private readonly WorkerTerms _terms;
    private readonly TimeSpan _expected;
    private readonly IReadOnlyList<KnownJob> _jobs;
    private readonly List<Place> _places = [];
    private readonly long[] _lengths;
    private readonly long[] _targets;
    private readonly long _now;
    private readonly long _boot;

    /// <summary>Looks at what there is.</summary>
    /// <param name="shortage">The jobs without a worker, in the order in which they are served.</param>
    /// <param name="waiting">Their budgets.</param>
    /// <param name="forecast">How long jobs and boots take.</param>
    /// <param name="terms">How workers live.</param>
    public WaitPrediction(Shortage shortage, WaitSettings waiting, ITimeForecast forecast, WorkerTerms terms)
    {
        (_input, _forecast, _terms, _expected) = (shortage.Input, forecast, terms, waiting.ExpectedDuration);
        _jobs = shortage.Jobs;
        _now = _input.Now.UtcTicks;
        _boot = forecast.Boot.Median.Ticks;
        var given = shortage.Dispatches.ToDictionary(d => d.Worker.Name, d => d.Job.Job, StringComparer.Ordinal);
        foreach (var worker in _input.Workers)
        {
            if (worker.View is { } view && FreeAt(worker, view, given.GetValueOrDefault(worker.Name)) is { } free)
            {
                _places.Add(new Place(worker.Name, free, (view.CreatedAt ?? view.PlannedAt).UtcTicks));
            }
        }

        _lengths = new long[_jobs.Count];
        _targets = new long[_jobs.Count];
        for (var i = 0; i < _jobs.Count; i++)
        {
            _lengths[i] = Math.Max(1, forecast.Of(_jobs[i].Job).Median.Ticks);
            var budget = waiting.Of(_jobs[i].Job).Ticks;
            var deadline = waiting.DeadlineOf(_jobs[i].Job, _jobs[i].FirstSeen).UtcTicks;
            // When predictions have been wrong for as long as a boot takes, no further one is believed.
            var patience = budget > 0 ? deadline + _boot : deadline;
            if (patience <= _now)
            {
                Due++;
                _targets[i] = long.MaxValue;
            }
            else
            {
                // A fresh boot can do no better, so no more is asked.
                _targets[i] = Math.Max(deadline, _now + _boot) + (budget / ToleratedPart) + Second;
                WakeAt = Earlier(WakeAt, deadline);
                WakeAt = Earlier(WakeAt, deadline - _boot);
                WakeAt = Earlier(WakeAt, patience);
            }
        }
    }

    /// <summary>Jobs that have waited out their budget and a boot beyond it: nothing but a worker free, coming or new is a place for
    /// them.</summary>
    public int Due { get; }

    /// <summary>When the prediction wants another look though nothing happens; null when never.</summary>
    public DateTimeOffset? WakeAt { get; private set; }

    /// <summary>The fewest workers to provision such that every job starts in time.</summary>
    /// <param name="atLeast">The least to provision.</param>
    /// <param name="atMost">The most to provision: with so many each job has a worker of its own.</param>
    public int Fewest(int atLeast, int atMost)
    {
        while (atLeast < atMost)
        {
            var middle = (atLeast + atMost) / 2;
            if (Run(middle, null) < 0)
            {
                atMost = middle;
            }
            else
            {
                atLeast = middle + 1;
            }
        }

        return atMost;
    }

    /// <summary>When each job starts if a number of workers are provisioned now, and the first that starts too late; null when none
    /// does.</summary>
    /// <param name="more">How many are provisioned.</param>
    /// <param name="starts">Filled with the starts, up to its length.</param>
    public KnownJob? FirstLate(int more, PredictedStart[] starts) => Run(more, starts) is var late and >= 0 ? _jobs[late] : null;

    /// <summary>Hands the jobs out.</summary>
    /// <returns>The index of the first that starts too late, -1 when none does. Without <paramref name="starts"/> it ends there.</returns>
    private int Run(int more, PredictedStart[]? starts)
    {
        var queue = new PriorityQueue<Place, long>(_places.Count + more);
        foreach (var place in _places)
        {
            queue.Enqueue(place, place.Free);
        }

        for (var i = 0; i < more; i++)
        {
            queue.Enqueue(new Place(null, _now + _boot, _now), _now + _boot);
        }

        var late = -1;
        for (var i = 0; i < _jobs.Count; i++)
        {
            var found = TryNext(queue, out var place, out var at);
            if ((!found || at > _targets[i]) && late < 0)
            {
                late = i;
                if (starts is null)
                {
                    return late;
                }
            }

            if (starts is not null && i < starts.Length)
            {
                starts[i] = found
                    ? new PredictedStart(new DateTimeOffset(at, TimeSpan.Zero), place.Worker)
                    : new PredictedStart(DateTimeOffset.MaxValue, null);
            }

            if (found && !_terms.SingleUse)
            {
                queue.Enqueue(place, at + _lengths[i]);
            }
        }

        return late;
    }

    /// <summary>The next worker that is free and not past its teardown deadline then.</summary>
    private bool TryNext(PriorityQueue<Place, long> queue, out Place place, out long at)
    {
        while (queue.TryDequeue(out place, out at))
        {
            if (!_terms.Billing.IsLeased || IsBeforeMark(place, at))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsBeforeMark(Place place, long at)
    {
        var period = _terms.Billing.Granularity.Ticks;
        return Math.Max(0, at - place.Created) % period < period - _terms.HourMargin.Ticks;
    }

    /// <summary>When a worker is free for a further job; null for one that never is.</summary>
    private long? FreeAt(KnownWorker known, WorkerView worker, QueuedJob? given)
    {
        if (given is not null)
        {
            return _terms.SingleUse ? null : _now + _forecast.Of(given).Median.Ticks;
        }

        switch (worker.Phase)
        {
            case WorkerPhase.Provisioning:
                return _now + _forecast.Boot.Left(Since(worker.PlannedAt)).Ticks;
            case WorkerPhase.Busy when worker.Current is { } current && !_terms.SingleUse:
                var free = _now + _forecast.Of(current.Job).Left(Since(current.AssignedAt)).Ticks;
                WakeAt = Earlier(WakeAt, free + Second);
                return free;
            case WorkerPhase.Idle when known.Assigning is not null:
                return _terms.SingleUse ? null : _now + _expected.Ticks;
            case WorkerPhase.Idle when known.IsComing(_input.Now):
                return _now;
            default:
                return null;
        }
    }

    private TimeSpan Since(DateTimeOffset at) => _input.Now > at ? _input.Now - at : TimeSpan.Zero;

    private DateTimeOffset? Earlier(DateTimeOffset? at, long ticks) =>
        ticks <= _now || (at is { } known && known.UtcTicks <= ticks) ? at : new DateTimeOffset(ticks, TimeSpan.Zero);

    private readonly record struct Place(string? Worker, long Free, long Created);
}
