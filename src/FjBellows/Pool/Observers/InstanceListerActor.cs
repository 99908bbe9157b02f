using Akka.Actor;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>Lists the cloud's instances, to notice the lost, the orphaned and the foreign.</summary>
internal sealed class InstanceListerActor(PoolRuntime pool) : ObserverActor(pool, PoolSource.Instances)
{
    public static Props Props(PoolRuntime pool) => pool.On(Akka.Actor.Props.Create(() => new InstanceListerActor(pool)));

    protected override async Task<IPoolObservation> ObserveAsync(DateTimeOffset requestedAt, CancellationToken token) =>
        new InstancesObserved(await Pool.Ports.Cloud.ListAsync(Pool.Settings.Ownership, token).ConfigureAwait(false), requestedAt);

    protected override TimeSpan Interval(IPoolObservation? last) => Busy ? Pool.Settings.Poll.Instances : Pool.Settings.Poll.Instances * 4;
}
