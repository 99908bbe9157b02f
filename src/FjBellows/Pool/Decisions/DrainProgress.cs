using System.Collections.Immutable;
using Akka.Actor;
using FjBellows.Workers;

namespace FjBellows.Pool;

/// <summary>A drain for a stop of the daemon (invariant R4). Pure.</summary>
/// <param name="DeleteWorkers">True when idle workers are deleted too.</param>
/// <param name="Askers">Who waits for its end.</param>
internal sealed record DrainProgress(bool DeleteWorkers, ImmutableArray<IActorRef> Askers)
{
    // Those who wait ask again and again; the askers of long ago are gone.
    private const int MostAskers = 16;

    /// <summary>With a further request. A drain that deletes stays one.</summary>
    /// <param name="before">The drain so far; null for none.</param>
    /// <param name="deleteWorkers">What is asked.</param>
    /// <param name="asker">By whom.</param>
    public static DrainProgress With(DrainProgress? before, bool deleteWorkers, IActorRef asker) =>
        new(deleteWorkers || before?.DeleteWorkers == true, [.. (before?.Askers ?? []).TakeLast(MostAskers - 1), asker]);

    /// <summary>True for a worker that the drain ends now.</summary>
    public bool Ends(WorkerView worker) => worker.Phase == WorkerPhase.Provisioning
        || (DeleteWorkers && worker.Phase is WorkerPhase.Idle or WorkerPhase.Busy);

    /// <summary>True once nothing runs, or nothing is left where everything is deleted.</summary>
    /// <param name="known">What the pool knows.</param>
    public bool IsOver(Known known)
    {
        var pending = DeleteWorkers
            ? known.Views.Count() + (known.Network.IsPending ? 1 : 0)
            : known.Views
                .Count(v => v.Current is not null || v.Phase is WorkerPhase.Provisioning or WorkerPhase.Removing or WorkerPhase.Draining);
        return pending == 0 && known.Awaited == 0 && !known.Workers.Values.Any(w => w.Assigning is not null);
    }
}
