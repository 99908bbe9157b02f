using Akka.Actor;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Daemon.Control.Events;

/// <summary>Stands between the actor system's event stream and the control plane, on threads that no pool needs.</summary>
internal sealed class FeedActor : ReceiveActor
{
    public FeedActor(ControlFeed feed)
    {
        Receive<PoolNotice>(feed.Notices.Add);
        Receive<JobLogLine>(feed.Take);
        Receive<WorkerMoved>(feed.Take);
        Receive<DispatchOutcome>(feed.Take);
        Receive<WorkerLedger>(feed.Take);
    }

    /// <summary>What it is told.</summary>
    public static IReadOnlyList<Type> Kinds { get; } = [typeof(PoolNotice), typeof(JobLogLine), typeof(WorkerMoved), typeof(DispatchOutcome), typeof(WorkerLedger)];
}
