using FjBellows.Jobs;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>When a job is predicted to start, and where.</summary>
/// <param name="At">When; <see cref="DateTimeOffset.MaxValue"/> for never.</param>
/// <param name="Worker">The worker; null for one that is yet to be bought.</param>
internal readonly record struct PredictedStart(DateTimeOffset At, string? Worker);

/// <summary>
/// Predicts when jobs without a place start: they are given, in order, to whichever worker is free first, counting running jobs by what is
/// left of their usual length, booting workers by the usual boot, and a number of workers bought now. Pure.
/// </summary>
internal sealed class WaitPrediction
{
    // Predictions are not that exact: an hour is not bought for a twentieth of the budget, or for a second.
    private const int ToleratedPart = 20;
    private const long Second = TimeSpan.TicksPerSecond;

    private readonly PlanInput _input;
    private readonly IReadOnlyList<QueuedJob> _jobs;
    private readonly List<Place> _places = [];
    private readonly long[] _lengths;
    private readonly long[] _targets;
    private readonly long _now;
    private readonly long _boot;

    /// <summary>Looks at what there is.</summary>
    /// <param name="input">What is known.</param>
    /// <param name="dispatches">Jobs handed out by this plan.</param>
    /// <param name="placeless">Jobs without a place, in the order in which they will be handed out.</param>
    public WaitPrediction(PlanInput input, IReadOnlyList<PlannedDispatch> dispatches, IReadOnlyList<QueuedJob> placeless)
    {
        _input = input;
        _jobs = placeless;
        _now = input.Now.UtcTicks;
        _boot = input.Forecast.Boot.Median.Ticks;
        var given = dispatches.ToDictionary(d => d.Worker, d => d.Job, StringComparer.Ordinal);
        foreach (var worker in input.Workers)
        {
            if (FreeAt(worker, given.GetValueOrDefault(worker.Name)) is { } free)
            {
                _places.Add(new Place(worker.Name, free, (worker.CreatedAt ?? worker.PlannedAt).UtcTicks));
            }
        }

        _lengths = new long[placeless.Count];
        _targets = new long[placeless.Count];
        for (var i = 0; i < placeless.Count; i++)
        {
            _lengths[i] = Math.Max(1, input.Forecast.Of(placeless[i]).Median.Ticks);
            var budget = input.Waiting.Of(placeless[i]).Ticks;
            var deadline = input.DeadlineOf(placeless[i]).UtcTicks;
            // When predictions have been wrong for as long as a boot takes, no further one is believed.
            var patience = budget > 0 ? deadline + _boot : deadline;
            if (patience <= _now)
            {
                Due++;
                _targets[i] = long.MaxValue;
            }
            else
            {
                // A fresh boot can do no better, so nobody asks for more.
                _targets[i] = Math.Max(deadline, _now + _boot) + (budget / ToleratedPart) + Second;
                WakeAt = Earlier(WakeAt, deadline);
                WakeAt = Earlier(WakeAt, deadline - _boot);
                WakeAt = Earlier(WakeAt, patience);
            }
        }
    }

    /// <summary>Jobs that have waited out their budget and a boot beyond it: nothing but a worker free, coming or new is a place for them.</summary>
    public int Due { get; }

    /// <summary>When the prediction wants another look though nothing happens; null when never.</summary>
    public DateTimeOffset? WakeAt { get; private set; }

    /// <summary>The fewest workers to buy such that every job starts in time.</summary>
    /// <param name="atLeast">The least to buy.</param>
    /// <param name="atMost">The most to buy: with so many each job has a worker of its own.</param>
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

    /// <summary>When each job starts if a number of workers are bought now, and the first that starts too late; null when none does.</summary>
    /// <param name="more">How many are bought.</param>
    /// <param name="starts">Filled with the starts, up to its length.</param>
    public QueuedJob? FirstLate(int more, PredictedStart[] starts) => Run(more, starts) is var late and >= 0 ? _jobs[late] : null;

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
                starts[i] = found ? new PredictedStart(new DateTimeOffset(at, TimeSpan.Zero), place.Worker) : new PredictedStart(DateTimeOffset.MaxValue, null);
            }

            if (found && !_input.SingleUse)
            {
                queue.Enqueue(place, at + _lengths[i]);
            }
        }

        return late;
    }

    /// <summary>The next worker that is free and not past its kill mark then.</summary>
    private bool TryNext(PriorityQueue<Place, long> queue, out Place place, out long at)
    {
        while (queue.TryDequeue(out place, out at))
        {
            if (!_input.Billing.IsLeased || IsBeforeMark(place, at))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsBeforeMark(Place place, long at)
    {
        var step = _input.Billing.Granularity.Ticks;
        return Math.Max(0, at - place.Created) % step < step - _input.HourMargin.Ticks;
    }

    /// <summary>When a worker is free for a further job; null for one that never is.</summary>
    private long? FreeAt(WorkerView worker, QueuedJob? given)
    {
        if (given is not null)
        {
            return _input.SingleUse ? null : _now + _input.Forecast.Of(given).Median.Ticks;
        }

        switch (worker.Phase)
        {
            case WorkerPhase.Provisioning:
                return _now + _input.Forecast.Boot.Left(Since(worker.PlannedAt)).Ticks;
            case WorkerPhase.Busy when worker.Current is { } current && !_input.SingleUse:
                var free = _now + _input.Forecast.Of(current.Job).Left(Since(current.AssignedAt)).Ticks;
                WakeAt = Earlier(WakeAt, free + Second);
                return free;
            case WorkerPhase.Idle when _input.Assigning.ContainsKey(worker.Name):
                return _input.SingleUse ? null : _now + _input.Waiting.ExpectedDuration.Ticks;
            case WorkerPhase.Idle when PoolPlanner.IsComing(worker, _input):
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
