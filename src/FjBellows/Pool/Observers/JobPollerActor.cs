using Akka.Actor;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>Watches Forgejo's queue: rarely while it is quiet, every second for a while after a job was seen.</summary>
internal sealed class JobPollerActor(PoolRuntime pool) : ObserverActor(pool, PoolSource.Jobs)
{
    private TimeSpan? _busyUntil;

    public static Props Props(PoolRuntime pool) => pool.On(Akka.Actor.Props.Create<JobPollerActor>(pool));

    protected override async Task<Func<DateTimeOffset, IPoolObservation>> ObserveAsync(CancellationToken token)
    {
        var jobs = await Pool.Ports.Queue.ListAsync(token).ConfigureAwait(false);
        return requestedAt => new JobsObserved(jobs, requestedAt);
    }

    protected override TimeSpan Interval(IPoolObservation? last)
    {
        var poll = Pool.Settings.Poll;
        if (last is JobsObserved { Jobs: var jobs } && jobs.Any(j => Pool.Settings.Labels.CanRun(j)))
        {
            _busyUntil = Pool.Clock.Elapsed + poll.BusyFor;
        }

        return Busy || Pool.Clock.Elapsed < _busyUntil ? Min(poll.BusyInterval, poll.Interval) : poll.Interval;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
