using Akka.Actor;
using FjBellows.Dispatch;
using FjBellows.Pool;
using static FjBellows.Workers.SessionProtocol;

namespace FjBellows.Workers;

/// <summary>What is done over the connection: starts, follows, clean-ups, and an operator's commands.</summary>
internal sealed partial class SessionActor
{
    // Volumes of gigabytes take their time to go.
    private static readonly TimeSpan CleanLimit = TimeSpan.FromMinutes(3);

    private readonly HashSet<DispatchId> _cleaning = [];
    private JobLaunch? _launch;
    private DispatchId? _job;
    private DispatchId? _following;
    private DispatchId? _logged;
    private RunnerLog? _log;

    private void StartPending()
    {
        if (!_ready || _cleaning.Count > 0 || _launch is not { } job)
        {
            return;
        }

        _launch = null;
        var round = _round;
        _calls.Send(
            CallLimit,
            token => _session!.StartAsync(job, token),
            () => new Started(round, job.Dispatch),
            e => e is SessionException { Kind: SessionErrorKind.LaunchFailed or SessionErrorKind.ForwardRefused }
                ? new NotStarted(round, job.Dispatch, e.Message)
                : new Failed(round, e, $"start {job.Dispatch}"));
    }

    private void OnStarted(DispatchId dispatch)
    {
        Report(new Launched(dispatch));
        FollowNow(dispatch);
    }

    private void FollowNow(DispatchId dispatch)
    {
        _job = dispatch;
        if (_session is not { } session || _following == dispatch)
        {
            return; // It is followed already, or the worker asks again when the link is back.
        }

        _following = dispatch;
        if (_logged != dispatch)
        {
            var (feed, pool, worker) = (Context.System.EventStream, _pool.Settings.Name, _endpoint.Worker);
            (_logged, _log) = (dispatch, new RunnerLog(line => feed.Publish(new JobLogLine(pool, worker, dispatch, line))));
        }

        var (round, log) = (_round, _log);
        _calls.Send(
            null,
            token => session.FollowAsync(dispatch, log, token),
            exit => new Exited(round, dispatch, exit),
            e => new Failed(round, e, $"follow {dispatch}"));
    }

    private void Clean(DispatchId dispatch)
    {
        _job = _job == dispatch ? null : _job;
        if (_session is not { } session || !_cleaning.Add(dispatch))
        {
            return; // The worker asks again when the link is back.
        }

        var round = _round;
        _calls.Send(CleanLimit, token => session.CleanAsync(dispatch, token), () => new Cleaned(round, dispatch), e => new Failed(round, e, $"clean up after {dispatch}"));
    }

    private void OnCleaned(DispatchId dispatch)
    {
        _cleaning.Remove(dispatch);
        StartPending();
    }

    /// <summary>What becomes of an operator's command says nothing about the link: a failure is the operator's to judge.</summary>
    private void OnRun(Run m)
    {
        var asker = Sender;
        if (_session is not { } session)
        {
            asker.Tell(new PoolProtocol.Refused($"{_endpoint.Worker} is not connected; it is dialled again by itself"));
            return;
        }

        _calls.Send(
            m.Limit,
            token => session.ExecAsync(m.Command, token),
            result => new Ran(asker, new PoolProtocol.CommandRan(result)),
            e => new Ran(asker, new PoolProtocol.Refused($"the command on {_endpoint.Worker} has no result: {e.Message}; it may go on there")));
    }

    private void Linked(object command, Func<IWorkerSession, CancellationToken, Task> call)
    {
        if (_session is { } session)
        {
            var round = _round;
            _calls.Send(CallLimit, token => call(session, token), () => null, e => new Failed(round, e, $"carry out {command.GetType().Name}"));
        }
    }

    private sealed record Started(long Round, DispatchId Dispatch);

    private sealed record NotStarted(long Round, DispatchId Dispatch, string Detail);

    private sealed record Exited(long Round, DispatchId Dispatch, JobExit Exit);

    private sealed record Cleaned(long Round, DispatchId Dispatch);

    private sealed record Ran(IActorRef Asker, object Answer);
}
