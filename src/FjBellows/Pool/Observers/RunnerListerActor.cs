using Akka.Actor;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>Lists Forgejo's registrations, to notice cancelled jobs and leftovers.</summary>
internal sealed class RunnerListerActor(PoolRuntime pool) : ObserverActor(pool, PoolSource.Runners)
{
    public static Props Props(PoolRuntime pool) => pool.On(Akka.Actor.Props.Create<RunnerListerActor>(pool));

    protected override async Task<Func<DateTimeOffset, IPoolObservation>> ObserveAsync(CancellationToken token)
    {
        var runners = await Pool.Ports.Runners.ListAsync(token).ConfigureAwait(false);
        return requestedAt => new RunnersObserved(runners, requestedAt);
    }

    protected override TimeSpan Interval(IPoolObservation? last) => Busy ? Pool.Settings.Poll.Runners : Pool.Settings.Poll.Runners * 4;
}
