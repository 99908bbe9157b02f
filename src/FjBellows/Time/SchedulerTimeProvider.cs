using Akka.Actor;

namespace FjBellows.Time;

/// <summary>The actor system's scheduler as a <see cref="TimeProvider"/>, so that time-outs outside actors obey the same clock as timers
/// inside them: the real one in production, the virtual one under test.</summary>
internal sealed class SchedulerTimeProvider : TimeProvider
{
    private readonly IScheduler _scheduler;

    /// <summary>Wraps a scheduler.</summary>
    /// <param name="scheduler">The actor system's scheduler.</param>
    public SchedulerTimeProvider(IScheduler scheduler)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        _scheduler = scheduler;
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => _scheduler.Now;

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SchedulerTimer(_scheduler, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SchedulerTimer(IScheduler scheduler, TimerCallback callback, object? state) : ITimer
    {
        private Cancelable? _pending;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Exchange(ref _pending, null)?.Cancel();
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return true;
            }

            var pending = new Cancelable(scheduler.Advanced);
            Interlocked.Exchange(ref _pending, pending);
            if (period == Timeout.InfiniteTimeSpan || period == TimeSpan.Zero)
            {
                scheduler.Advanced.ScheduleOnce(dueTime, () => callback(state), pending);
            }
            else
            {
                scheduler.Advanced.ScheduleRepeatedly(dueTime, period, () => callback(state), pending);
            }

            return true;
        }

        public void Dispose() => Interlocked.Exchange(ref _pending, null)?.Cancel();

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
