using Akka.Actor;
using static FjBellows.Pool.PoolProtocol;

namespace FjBellows.Pool;

/// <summary>Lists the cloud's instances, to notice the lost, the orphaned and the foreign, and has by-products of those that are gone
/// swept.</summary>
internal sealed class InstanceListerActor(PoolRuntime pool) : ObserverActor(pool, PoolSource.Instances)
{
    public static Props Props(PoolRuntime pool) => pool.On(Akka.Actor.Props.Create<InstanceListerActor>(pool));

    protected override async Task<Func<DateTimeOffset, IPoolObservation>> ObserveAsync(CancellationToken token)
    {
        var ownership = Pool.Settings.Ownership;
        var listed = await Pool.Ports.Cloud.ListAsync(ownership, token).ConfigureAwait(false);
        if (Pool.Ports.Cloud.Parts.Leftovers is { } leftovers)
        {
            await leftovers.SweepAsync(ownership, [.. listed.Select(i => i.Name)], token).ConfigureAwait(false);
        }

        return requestedAt => new InstancesObserved(listed, requestedAt);
    }

    protected override TimeSpan Interval(IPoolObservation? last) => Busy ? Pool.Settings.Poll.Instances : Pool.Settings.Poll.Instances * 4;
}
