using Akka.Actor;
using FjBellows.Pool;
using FjBellows.Workers;

namespace FjBellows.Daemon.Control.Events;

/// <summary>Stands between the actor system's event stream and the control plane, on threads that no pool needs.</summary>
internal sealed class FeedActor : ReceiveActor
{
    private readonly ControlFeed _feed;

    public FeedActor(ControlFeed feed)
    {
        _feed = feed;
        Receive<JobLogLine>(feed.Take);
        Counted<PoolNotice>(feed.Take);
        Counted<WorkerChanged>(feed.Take);
        Counted<DispatchOutcome>(feed.Take);
        Counted<WorkerLedger>(feed.Take);
    }

    /// <summary>The kinds of messages that it takes.</summary>
    public static IReadOnlyList<Type> Kinds { get; } =
        [typeof(JobLogLine), typeof(PoolNotice), typeof(WorkerChanged), typeof(DispatchOutcome), typeof(WorkerLedger)];

    private void Counted<T>(Action<T> keep) => Receive<T>(m =>
    {
        _feed.Metrics.Take(m!);
        keep(m);
    });
}
