using Akka.Actor;
using FjBellows.Dispatch;
using static FjBellows.Workers.Session.SessionProtocol;

namespace FjBellows.Workers.Session;

/// <summary>What a session tells itself: that time is up, and what came of its calls.</summary>
internal static class SessionSignals
{
    public sealed record ConnectDue;

    public sealed record CheckDue;

    /// <summary>The question what runs on a worker that may have a job.</summary>
    public sealed record AttachDue : ISessionCommand;

    public sealed record FollowDue(Follow Command);

    public sealed record Connected(long Round, IWorkerSession Way);

    public sealed record Answered(long Round, Action Then);

    /// <summary>A call failed; without a command it is the connection itself.</summary>
    public sealed record Failed(long Round, ISessionCommand? Command, Exception Error, string What);

    public sealed record Ran(IActorRef Asker, object Answer);
}
