using Akka.Actor;
using static FjBellows.Workers.Session.SessionProtocol;

namespace FjBellows.Workers.Session;

/// <summary>Where the lines of a followed runner go.</summary>
internal static class RunnerLogFeed
{
    /// <summary>A listener that publishes each line on the event stream. Where it hears a log from its first line on, the worker hears of
    /// the runner's words; those of a dispatch that an earlier session started may be old.</summary>
    /// <param name="pool">What the pool's actors share.</param>
    /// <param name="worker">The worker's name.</param>
    /// <param name="command">What is followed.</param>
    /// <param name="hears">True when this session started the dispatch.</param>
    public static Action<string> Of(IActorContext session, PoolRuntime pool, string worker, Follow command, bool hears)
    {
        // The listener runs on another thread: it takes what it needs along.
        var (feed, parent, self, name) = (session.System.EventStream, session.Parent, session.Self, pool.Settings.Name);
        return line =>
        {
            feed.Publish(new JobLogLine(name, worker, command.Dispatch, line) { At = pool.Clock.Now, JobId = command.JobId });
            if (hears && RunnerWords.In(line) is { } word)
            {
                parent.Tell(new RunnerSaid(command.Dispatch, word), self);
            }
        };
    }
}
